// The workbench by keyboard: F8 next field to check, F9 file, Alt+digit another card, F2 next call.

import { suggestPlaces } from "./places.js";

const SETTLE_MS = 350;
const csrf = document.body.dataset.csrf;
const forms = [...document.querySelectorAll(".request-form")];
const reduced = matchMedia("(prefers-reduced-motion: reduce)");

forms.forEach(watchForm);
suggestPlaces(document.querySelectorAll("[data-places]"), document.getElementById("places"));
document.querySelectorAll("[data-undo]").forEach(countDown);
// after the browser has gone to the address's fragment, which would take the focus away again
addEventListener("load", () => setTimeout(() => startAt(forms[0], location.hash !== "")));

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const act = {
    F2: () => document.getElementById("next").click(),
    F8: () => nextToCheck(current()),
    F9: () => file(current()),
  }[event.key] || (event.ctrlKey && event.key === "Enter" ? () => file(current()) : null)
    || (event.altKey && /^[1-9]$/.test(event.key) ? () => show(Number(event.key) - 1) : null);
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("focusin", (event) => light(event.target.dataset && event.target.dataset.field));
document.addEventListener("click", (event) => {
  const mark = event.target.closest("mark[data-for]");
  if (mark) {
    const field = mark.dataset.for.split(" ").map((key) => document.getElementById(`f-${key}`)).find(Boolean);
    if (field) field.focus();
  }
  const runner = event.target.closest(".runner");
  if (runner) chooseType(runner);
});

function current() {
  const focused = document.activeElement && document.activeElement.closest(".request-form");
  return focused || forms[0];
}

function file(form) {
  if (form) form.requestSubmit(form.querySelector("[data-file]"));
}

function show(index) {
  const card = document.getElementById(`card-${index}`);
  if (!card) return;
  startAt(card.querySelector(".request-form") || card);
  card.scrollIntoView({ block: "start", behavior: reduced.matches ? "auto" : "smooth" });
}

// Where the agent's eyes belong first: what is doubtful or missing, else the button that files.
// Just after filing nothing scrolls: the case number is being read aloud.
function startAt(form, isStill = false) {
  const options = { preventScroll: isStill };
  if (!form) document.getElementById("next").focus(options);
  else if (form.matches("form")) nextToCheck(form, options);
  else form.focus(options);
}

function nextToCheck(form, options = null) {
  if (!form) return;
  const asked = form.dataset.missing ? form.dataset.missing.split(" ") : [];
  const fields = [...form.querySelectorAll("[data-field]")].filter((field) => {
    if (field.closest("details:not([open])")) return false;
    const name = field.name === "place" ? "village" : field.name;
    return field.getAttribute("aria-invalid") || (field.dataset.sure === "low" && !field.dataset.seen)
      || (asked.includes(name) && (!field.value || name === "village"));
  });
  const at = options ? -1 : fields.indexOf(document.activeElement);
  const next = fields[at + 1] || form.querySelector("[data-file]");
  if (document.activeElement && document.activeElement.dataset) document.activeElement.dataset.seen = "yes";
  // the button that files is in sight anyhow
  next.focus(next.matches("[data-file]") ? { preventScroll: true } : options || {});
  if (next.select) next.select();
}

function light(key) {
  for (const lit of document.querySelectorAll("mark.lit")) lit.classList.remove("lit");
  if (!key) return;
  const marks = [...document.querySelectorAll("mark[data-for]")]
    .filter((mark) => mark.dataset.for.split(" ").includes(key));
  marks.forEach((mark) => mark.classList.add("lit"));
  const box = document.querySelector(".transcript");
  const last = marks[marks.length - 1];
  if (last && getComputedStyle(box).position === "sticky") {
    box.scrollTop = last.offsetTop - box.clientHeight / 2;
  }
}

function chooseType(runner) {
  const select = runner.closest(".field").querySelector("select");
  select.value = runner.dataset.type;
  select.dispatchEvent(new Event("input", { bubbles: true }));
  select.focus();
}

function watchForm(form) {
  let timer = 0;
  let asked = 0;
  readMissing(form);
  form.addEventListener("input", (event) => {
    if (event.target.name === "type") {
      for (const other of form.querySelectorAll(".runner")) {
        other.setAttribute("aria-pressed", String(other.dataset.type === event.target.value));
      }
    }
    clearTimeout(timer);
    timer = setTimeout(refresh, SETTLE_MS);
  });

  async function refresh() {
    const turn = ++asked;
    const answer = await fetch(form.dataset.preview, {
      method: "POST",
      headers: { "X-CSRF-Token": csrf },
      body: new URLSearchParams(new FormData(form)),
    }).catch(() => null);
    if (!answer || !answer.ok || turn !== asked) return;
    const html = await answer.text();
    if (turn !== asked) return;
    form.querySelector("[data-panel]").innerHTML = html;
    readMissing(form);
  }
}

function readMissing(form) {
  const ask = form.querySelector("[data-missing]");
  form.dataset.missing = ask ? ask.dataset.missing : "";
}

function countDown(form) {
  const left = form.querySelector("[data-left]");
  const until = Date.now() + Number(form.dataset.undo) * 1000;
  const timer = setInterval(() => {
    const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    left.textContent = String(seconds);
    if (seconds > 0) return;
    clearInterval(timer);
    form.remove();
  }, 1000);
}
