/* Keeps what is typed of a request as a draft: some seconds after the last change, and on leaving.
   Without it the form's own button does. What the server says is shown in the live region. */
(function () {
  "use strict";

  const PAUSE_MS = 2000;
  const RETRY_MS = 10000;
  // Browsers let no more than this go out of a page that is left.
  const LEAVING_BYTES = 60000;
  const TOKEN = "_csrf_token";
  // What the portal answers where the form's token is not that of the session.
  const REFUSED = 400;

  const form = document.querySelector("form[data-draft-url]");
  if (!form) return;
  const told = document.getElementById("draft-said");
  let timer = null;
  let underWay = null;
  let changed = false;
  let stopped = false;

  function body() {
    const data = new FormData(form);
    for (const [name, value] of [...data.entries()]) {
      if (value instanceof File) data.delete(name);
    }
    return data;
  }

  function say(text, kind, url) {
    told.replaceChildren(text);
    told.dataset.kind = kind;
    if (url) {
      const link = document.createElement("a");
      link.href = url;
      link.textContent = form.dataset.open;
      told.append(" ", link);
    }
  }

  function mark(errors) {
    for (const place of form.querySelectorAll("[data-error-of]")) {
      const texts = errors[place.dataset.errorOf] || [];
      place.textContent = texts.join(" ");
      place.hidden = texts.length === 0;
      for (const field of form.querySelectorAll(`[aria-describedby~="${place.id}"]`)) {
        field.setAttribute("aria-invalid", String(texts.length > 0));
      }
    }
  }

  function notSaved(reason, url) {
    say(form.dataset.notSaved.replace("{reason}", reason), "failed", url);
  }

  function post(leaving) {
    const data = body();
    const size = new Blob([...data.values()]).size;
    return fetch(form.dataset.draftUrl, {
      method: "POST",
      body: data,
      credentials: "same-origin",
      headers: { Accept: "application/json" },
      keepalive: leaving && size < LEAVING_BYTES,
    });
  }

  // The form's token goes with its session: whoever signed in again in another window has a new one.
  async function renewed() {
    const page = await fetch(location.href, { credentials: "same-origin" });
    const there = new DOMParser().parseFromString(await page.text(), "text/html");
    const fresh = there.querySelector(`form[data-draft-url] [name="${TOKEN}"]`);
    if (fresh) form.elements[TOKEN].value = fresh.value;
    return Boolean(fresh);
  }

  async function send(leaving) {
    changed = false;
    try {
      let answer = await post(leaving);
      if (answer.status === REFUSED && !leaving && (await renewed())) answer = await post(leaving);
      if (answer.status === REFUSED) {
        changed = true;
        return notSaved(form.dataset.signedOut);
      }
      const told = await answer.json();
      if (answer.ok) return keep(told);
      // What is too long or signed out is tried again with the next change; a conflict never is.
      stopped = answer.status === 409 || answer.status === 404;
      changed = !stopped;
      notSaved(told.said, told.url);
    } catch {
      changed = true;
      notSaved(form.dataset.offline);
      plan(RETRY_MS);
    }
  }

  function keep(saved) {
    form.elements.request_id.value = saved.id;
    form.elements.version.value = saved.version;
    if (location.pathname !== saved.url) history.replaceState(null, "", saved.url);
    mark(saved.errors);
    say(saved.said, "saved");
    for (const one of document.querySelectorAll("[data-when-saved]")) one.hidden = false;
  }

  async function save(leaving) {
    clearTimeout(timer);
    // One at a time, as each needs the version that the one before it was given.
    while (underWay) await underWay;
    if (!changed || stopped) return;
    underWay = send(leaving);
    await underWay;
    underWay = null;
  }

  function plan(pause) {
    clearTimeout(timer);
    timer = setTimeout(save, pause, false);
  }

  function note(event) {
    if (event.target.type === "file") return;
    changed = true;
    if (!stopped) plan(PAUSE_MS);
  }

  // What the request would take, and who gives it, changes with these.
  const DECISIVE = ["tier", "days", "purpose", "members"];
  const needed = document.getElementById("needed");
  let asking = null;

  async function showNeeds() {
    const chosen = new FormData(form);
    const words = new URLSearchParams(DECISIVE.map((name) => [name, chosen.get(name) || ""]));
    try {
      const answer = await fetch(`${form.dataset.needsUrl}?${words}`, { credentials: "same-origin" });
      if (answer.ok) needed.innerHTML = await answer.text();
    } catch {
      // What stands there was true when the page was opened, and is asked again when it is sent.
    }
  }

  form.addEventListener("input", (event) => {
    if (!DECISIVE.includes(event.target.name)) return;
    clearTimeout(asking);
    asking = setTimeout(showNeeds, 400);
  });
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (underWay) {
      // The form has to carry the version that is about to come.
      event.preventDefault();
      underWay.then(() => form.requestSubmit(event.submitter));
      return;
    }
    changed = false;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save(true);
  });
  window.addEventListener("pagehide", () => save(true));
  window.addEventListener("beforeunload", (event) => {
    if (changed && told.dataset.kind === "failed") event.preventDefault();
  });
})();
