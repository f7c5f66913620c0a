// On a case page: the notices a form would send follow what is being typed. Without this, the
// form's own button shows them.
const PAUSE_MS = 500;

for (const form of document.querySelectorAll("form[data-preview]")) {
  const list = form.querySelector(".will-send-list");
  const button = form.querySelector("button[formaction]");
  if (!list || !button) continue;
  let timer = 0;
  let asked = 0;
  const look = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch(form.dataset.preview, {
        method: "POST",
        headers: { "X-Part": "notices", Accept: "text/html" },
        body: new URLSearchParams(new FormData(form)),
      });
      if (answer.ok && mine === asked) list.innerHTML = await answer.text();
    } catch {
      // offline: what is shown stays; sending the form will tell
    }
  };
  button.remove();
  form.addEventListener("input", (event) => {
    if (!["note", "merged_into"].includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
}
