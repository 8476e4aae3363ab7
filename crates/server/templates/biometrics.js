// The hosted session's page also works without this script. It adds the camera, the progress of uploads and messages.
"use strict";

const NO_CAMERA = "Não foi possível usar a câmera. Escolha um arquivo. / The camera did not work. Choose a file.";
const NO_CONNECTION =
  "Sem conexão. O arquivo não foi enviado; tente de novo. / No connection. The file was not sent; try again.";
const NOT_NOW =
  "O serviço está indisponível no momento. Tente de novo em instantes. / The service is unavailable right now. " +
  "Please try again in a moment.";
const TOO_LARGE = "O arquivo passa de 10 MB. / The file is over 10 MB.";

const wrong = document.getElementById("wrong");

const tell = (sentence) => {
  wrong.textContent = sentence;
  wrong.hidden = sentence === "";
  if (sentence !== "") wrong.scrollIntoView({ block: "center" });
};

// Replaces the parts that an upload may have changed. Text that the person has typed elsewhere stays.
const refresh = async () => {
  const answer = await fetch("/biometrics", { headers: { accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const parts = document.querySelectorAll("[data-part]");
  const next = [...parts].map((part) => fresh.querySelector(`[data-part="${part.dataset.part}"]`));
  // The session has ended, or its steps have changed. The page itself shows the reason.
  if (!answer.ok || next.some((part) => part === null)) return location.assign("/biometrics");
  parts.forEach((part, index) => part.replaceWith(next[index]));
  enhance();
};

// Sends one file and shows its progress.
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
    if (request.status === 413) return tell(TOO_LARGE);
    if (request.status >= 500 || request.status === 429) return tell(NOT_NOW);
    refresh().catch(() => location.assign("/biometrics"));
  });
  request.addEventListener("error", () => {
    busy(false);
    tell(NO_CONNECTION);
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

// Opens the camera and sends a photo when the person takes it.
const photograph = async (form, facing) => {
  if (dialog.open || video.srcObject !== null) return;
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: facing, width: { ideal: 1920 } },
    });
    await video.play();
  } catch {
    stop();
    return tell(NO_CAMERA);
  }
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
      const done = (photo) => (photo === null ? tell(NO_CAMERA) : send(form, photo, "foto.jpg"));
      canvas.toBlob(done, "image/jpeg", 0.9);
    },
    { once: true },
  );
};

for (const button of dialog.querySelectorAll("button")) {
  button.addEventListener("click", () => dialog.close(button.value));
}

// Adds the camera and the progress to each new form of the page.
const enhance = () => {
  for (const form of document.querySelectorAll("form.part:not([data-ready])")) {
    form.dataset.ready = "";
    const input = form.querySelector("input[type=file]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const [file] = input.files;
      if (file.size > 10 * 1024 * 1024) return tell(TOO_LARGE);
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
};

enhance();
