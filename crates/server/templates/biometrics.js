// The hosted session's page works without this; here come the camera, the progress of uploads, and errors in place.
"use strict";

const wrong = document.getElementById("wrong");

const tell = (sentence) => {
  wrong.textContent = sentence;
  wrong.hidden = sentence === "";
  if (sentence !== "") wrong.scrollIntoView({ block: "center" });
};

// Sends one file and shows how far it is.
const send = (form, file, name) => {
  const [progress, request, body] = [form.querySelector("progress"), new XMLHttpRequest(), new FormData()];
  const buttons = form.querySelectorAll("button");
  const busy = (now) => {
    progress.hidden = !now;
    for (const button of buttons) button.disabled = now;
  };
  body.append("file", file, name);
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) progress.value = (100 * event.loaded) / event.total;
  });
  request.addEventListener("load", () => {
    busy(false);
    if (request.status === 422) return tell(request.responseText);
    // Whatever else it was, the page shows where the session stands now.
    location.assign("/biometrics");
  });
  request.addEventListener("error", () => {
    busy(false);
    tell("Sem conexão. O arquivo não foi enviado; tente de novo. / No connection. The file was not sent; try again.");
  });
  tell("");
  busy(true);
  request.open("POST", form.action);
  request.setRequestHeader("x-requested-with", "page");
  request.send(body);
};

const dialog = document.getElementById("camera");
const video = dialog.querySelector("video");

const stop = () => {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
};

// Opens the camera and sends what it sees when the person says so.
const photograph = async (form, facing) => {
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: facing, width: { ideal: 1920 } },
    });
  } catch {
    return tell("Não foi possível abrir a câmera. Escolha um arquivo. / The camera did not open. Choose a file.");
  }
  await video.play();
  dialog.returnValue = "";
  dialog.showModal();
  dialog.addEventListener(
    "close",
    () => {
      if (dialog.returnValue !== "take") return stop();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
      canvas.getContext("2d").drawImage(video, 0, 0);
      stop();
      canvas.toBlob((photo) => send(form, photo, "foto.jpg"), "image/jpeg", 0.9);
    },
    { once: true },
  );
};

for (const button of dialog.querySelectorAll("button")) {
  button.addEventListener("click", () => dialog.close(button.value));
}

for (const form of document.querySelectorAll("form.part")) {
  const input = form.querySelector("input[type=file]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const [file] = input.files;
    if (file.size > 10 * 1024 * 1024) return tell("O arquivo passa de 10 MB. / The file is over 10 MB.");
    send(form, file, file.name);
  });
  if (navigator.mediaDevices?.getUserMedia) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = "Usar a câmera · Camera";
    button.addEventListener("click", () => photograph(form, input.dataset.camera));
    form.querySelector(".actions").append(button);
  }
}
