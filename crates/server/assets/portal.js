/* The portal: tabs of code with one remembered choice, copying, suggestions while a reader types, and "try it".
   Everything here may be missing: all code is shown, the search is a form, and the reference has its samples. */
(() => {
  const $ = (s, e = document) => e.querySelector(s), $$ = (s, e = document) => [...e.querySelectorAll(s)];
  const kept = (name, value) => { try { return value === undefined ? localStorage.getItem(name) : localStorage.setItem(name, value); } catch { return null; } };

  // On a wide screen the navigation is open. Style sheets show it too, but a screen reader needs the attribute.
  const wide = matchMedia("(min-width: 1000px)"), unfold = () => $$(".d-nav").forEach(d => { d.open = wide.matches; });
  unfold(); wide.addEventListener("change", unfold);
  const here = $(".d-nav [aria-current]"); if (here && wide.matches) { const nav = here.closest(".d-nav"); if (here.offsetTop > nav.clientHeight - 80) nav.scrollTop = here.offsetTop - nav.clientHeight / 2; }

  // Copying: the code of the box that is shown, without what it prints.
  const code = pres => pres.filter(p => !p.matches(".output")).map(p => p.textContent).join("\n");
  const copies = bar => { const box = bar.parentElement; return box.matches(".codebox") ? code($$(".panel[data-on] pre", box)) : code([bar.nextElementSibling]); };
  $$("[data-copy-from]").forEach(b => { b.hidden = false; });

  // Tabs.
  const boxes = $$(".codebox[data-tabs]");
  const show = (box, lang) => {
    const panels = $$(".panel", box);
    if (!panels.some(p => p.dataset.lang === lang)) return;
    panels.forEach(p => p.toggleAttribute("data-on", p.dataset.lang === lang));
    $$("[role=tab]", box).forEach(t => { const on = t.dataset.lang === lang; t.setAttribute("aria-selected", on); t.tabIndex = on ? 0 : -1; });
  };
  boxes.forEach((box, n) => {
    const bar = document.createElement("div"), list = document.createElement("div");
    bar.className = "codebar"; list.setAttribute("role", "tablist"); list.setAttribute("aria-label", document.body.dataset.languages);
    $$(".panel", box).forEach((panel, m) => {
      const tab = document.createElement("button");
      Object.assign(tab, { type: "button", id: `t${n}-${m}`, textContent: panel.dataset.name });
      tab.setAttribute("role", "tab"); tab.dataset.lang = panel.dataset.lang;
      panel.id = `p${n}-${m}`; tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel"); panel.setAttribute("aria-labelledby", tab.id);
      list.append(tab);
    });
    bar.append(list);
    const copy = $("[data-copy-from]", box)?.cloneNode(true);
    if (copy) { copy.setAttribute("aria-label", document.body.dataset.copyLabel); bar.append(copy); }
    box.prepend(bar);
    const first = $(".panel", box).dataset.lang, wanted = kept("dinie_lang");
    show(box, first); if (wanted) show(box, wanted);
    box.dataset.ready = "";
  });
  const pick = tab => {
    const before = tab.getBoundingClientRect().top;
    boxes.forEach(box => show(box, tab.dataset.lang)); kept("dinie_lang", tab.dataset.lang);
    // Boxes above may have another height now: the reader's place stays.
    scrollBy({ top: tab.getBoundingClientRect().top - before, behavior: "instant" });
  };
  document.addEventListener("click", async e => {
    const tab = e.target.closest(".codebox [role=tab]"); if (tab) return pick(tab);
    const copy = e.target.closest("[data-copy-from]"); if (!copy) return;
    try { await navigator.clipboard.writeText(copies(copy.parentElement)); } catch { return; }
    copy.dataset.done = ""; setTimeout(() => delete copy.dataset.done, 1500);
    const toast = document.createElement("div"); toast.className = "toast"; toast.textContent = document.body.dataset.copied; $(".toasts")?.append(toast); setTimeout(() => toast.remove(), 3000);
  });
  document.addEventListener("keydown", e => {
    const tab = e.target.closest?.(".codebox [role=tab]"), by = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!tab || !by) return;
    const tabs = [...tab.parentElement.children], to = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length];
    pick(to); to.focus();
  });

  // The heading that is being read.
  const toc = new Map($$(".d-toc a").map(a => [decodeURIComponent(a.hash.slice(1)), a]));
  if (toc.size) {
    const headings = [...toc.keys()].map(id => document.getElementById(id)).filter(Boolean);
    const mark = () => {
      const now = headings.filter(h => h.getBoundingClientRect().top < 120).pop() ?? headings[0];
      toc.forEach((a, id) => id === now?.id ? a.setAttribute("aria-current", "true") : a.removeAttribute("aria-current"));
    };
    addEventListener("scroll", mark, { passive: true }); mark();
  }

  // Suggestions: the newest answer wins. The arrow keys move among them.
  const input = $("#busca input[name=q]"), list = $("#achados");
  if (input) {
    let timer, last = 0;
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const mine = ++last;
        const answer = await fetch(`/docs/search?language=${document.documentElement.lang}&q=${encodeURIComponent(input.value)}`, { headers: { "hx-request": "true" } }).catch(() => null);
        if (answer?.ok && mine === last) list.innerHTML = await answer.text();
      }, 120);
    });
    $("#busca").addEventListener("keydown", e => {
      const by = { ArrowDown: 1, ArrowUp: -1 }[e.key]; if (!by) return;
      const hits = [input, ...$$("a.hit", list)], at = hits.indexOf(document.activeElement);
      e.preventDefault(); hits[(at + by + hits.length) % hits.length].focus();
    });
    list.addEventListener("click", e => { if (e.target.closest("a.hit")) $("#busca").close(); });
  }

  // Try it: one request with the reader's token, in the sandbox only.
  const form = $("form[data-try]");
  if (form) {
    const token = form.elements.token, out = $("output", form);
    form.hidden = false;
    try { token.value = sessionStorage.getItem("dinie_token") ?? ""; } catch { /* a private window */ }
    form.addEventListener("submit", async e => {
      e.preventDefault();
      try { sessionStorage.setItem("dinie_token", token.value); } catch { /* a private window */ }
      let path = form.dataset.path;
      $$("[data-path]", form).forEach(i => { path = path.replace(`{${i.dataset.path}}`, encodeURIComponent(i.value.trim())); });
      const body = form.elements.body?.value, method = form.dataset.method;
      const headers = { authorization: `Bearer ${token.value.trim()}`, accept: "application/json" };
      if (body) headers["content-type"] = "application/json";
      if (form.dataset.key) headers["idempotency-key"] = crypto.randomUUID();
      const answer = await fetch(path + (form.elements.query?.value.trim() ?? ""), { method, headers, body: body || undefined }).catch(() => null);
      const pre = document.createElement("pre"); pre.tabIndex = 0;
      if (!answer) pre.textContent = form.dataset.failed;
      else {
        let text = await answer.text();
        try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON */ }
        pre.textContent = `${answer.status} ${answer.statusText}\n\n${text}`;
      }
      out.replaceChildren(pre);
    });
  }
})();
