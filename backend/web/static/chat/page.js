// The chat page: joins connection, outbox and transcript to the form.

import { Connection } from "./connection.js";
import { Outbox, newId } from "./outbox.js";
import { Transcript } from "./transcript.js";

const SESSION_UNKNOWN = 4401;
const TYPING_AFTER_MS = 150;
const STATE_AFTER_MS = 1200;
const DRAFT_KEY = "guanjia.draft";

const byId = (id) => document.getElementById(id);
const page = byId("chat");
const texts = Object.fromEntries(
  [...byId("texts").content.querySelectorAll("[data-key]")].map((node) => [node.dataset.key, node.textContent]),
);
const maxLength = Number(page.dataset.maxLength);
const input = byId("message");
const typing = byId("typing");
const linkState = byId("link-state");
const alertBox = byId("alert");

const outbox = new Outbox();
const transcript = new Transcript(byId("log"), byId("scroller"), {
  texts,
  phoneNumbers: new Set(page.dataset.phones.split(" ")),
  onChoice: choose,
});
const connection = new Connection(socketUrl(), {
  onOpen: () => connection.send({ type: "hello", last_seq: transcript.lastSeq }),
  onFrame: (frame) => (handlers[frame.type] || (() => {}))(frame),
  onDown: wentDown,
});

let stateTimer = 0;
let typingTimer = 0;
let wasDown = false;

const handlers = {
  ready(frame) {
    if (transcript.lastSeq === 0) transcript.receiveQuietly(frame.messages);
    else transcript.receive(frame.messages);
    showActivity(frame.activity);
    confirmSeen(frame.messages);
    outbox.frames.forEach((waiting) => connection.send(waiting));
    wentUp();
  },
  messages(frame) {
    transcript.receive(frame.messages);
    showActivity(frame.activity);
    confirmSeen(frame.messages);
  },
  ack(frame) {
    outbox.remove(frame.id);
    transcript.markKept(frame.id);
  },
  refused(frame) {
    const message = outbox.remove(frame.id);
    transcript.markRefused(frame.id);
    if (message && message.text && !input.value) setInput(message.text);
    showAlert(frame.text);
  },
};

function socketUrl() {
  const url = new URL("/chat/ws", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

function confirmSeen(messages) {
  if (messages.some((entry) => entry.from === "bot")) {
    connection.send({ type: "seen", seq: transcript.lastSeq });
  }
}

function post(frame, shownText) {
  outbox.add(frame);
  transcript.addLocal(frame.id, shownText);
  connection.send(frame);
  if (!connection.isOpen) connection.retryNow();
}

function submit() {
  const text = input.value.trim();
  const length = [...text].length;
  showAlert("");
  if (length === 0) return showAlert(texts.empty);
  if (length > maxLength) return showAlert(texts.too_long.replace("{length}", length));
  setInput("");
  post({ type: "message", id: newId(), text }, text);
  input.focus({ preventScroll: true });
}

function choose(button, event) {
  post({ type: "choice", id: newId(), payload: button.payload, title: button.title }, button.title);
  // On a touch screen the keyboard would cover the answer.
  if (event.pointerType !== "touch") input.focus({ preventScroll: true });
}

function showActivity(activity) {
  clearTimeout(typingTimer);
  if (activity === "answering") typingTimer = setTimeout(drawTyping, TYPING_AFTER_MS);
  else typing.replaceChildren();
}

function drawTyping() {
  if (typing.hasChildNodes()) return;
  const dots = [1, 2, 3].map(() => document.createElement("i"));
  typing.append(...dots, texts.typing);
  transcript.keepEnd();
}

function wentDown(closeCode) {
  if (closeCode === SESSION_UNKNOWN) return renewSession();
  if (wasDown) return;
  wasDown = true;
  stateTimer = setTimeout(() => { linkState.textContent = texts.offline; }, STATE_AFTER_MS);
}

/** Ask the server for a session by loading the page again; once only, for browsers that refuse cookies. */
function renewSession() {
  const tried = new URL(location.href);
  if (tried.searchParams.has("renewed")) {
    linkState.textContent = texts.no_cookies;
    if (page.dataset.embedded === "true") linkState.append(" ", newWindowLink());
    return;
  }
  tried.searchParams.set("renewed", "1");
  location.replace(tried.href);
}

/** Some browsers keep no cookies for a page inside another site's page. */
function newWindowLink() {
  const link = document.createElement("a");
  link.href = "/chat";
  link.target = "_blank";
  link.textContent = texts.new_window;
  return link;
}

function wentUp() {
  clearTimeout(stateTimer);
  page.dataset.connected = "";
  if (wasDown && linkState.textContent) {
    linkState.textContent = texts.back_online;
    stateTimer = setTimeout(() => { linkState.textContent = ""; }, 3000);
  }
  wasDown = false;
}

function showAlert(text) {
  alertBox.textContent = text;
}

function setInput(text) {
  input.value = text;
  inputChanged();
}

function inputChanged() {
  input.style.height = "auto";
  input.style.height = `${input.scrollHeight + 3}px`;
  try { sessionStorage.setItem(DRAFT_KEY, input.value); } catch (_) { /* not remembered */ }
}

function restoreDraft() {
  try { setInput(sessionStorage.getItem(DRAFT_KEY) || ""); } catch (_) { /* nothing kept */ }
}

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
input.addEventListener("input", () => {
  showAlert("");
  inputChanged();
});
input.addEventListener("keydown", (event) => {
  // While an input method is composing, Enter picks a word (keyCode 229 in older Safari).
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  submit();
});
byId("log").querySelectorAll("[data-starter]").forEach((button) => {
  button.addEventListener("click", () => {
    post({ type: "message", id: newId(), text: button.textContent }, button.textContent);
    input.focus({ preventScroll: true });
  });
});
byId("end").addEventListener("submit", (event) => {
  if (!confirm(texts.confirm_end)) return event.preventDefault();
  try { sessionStorage.clear(); } catch (_) { /* nothing kept */ }
});
if (page.dataset.embedded === "true") {
  const close = () => parent.postMessage("guanjia:close", "*");
  byId("close").addEventListener("click", close);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) close();
  });
}

restoreDraft();
outbox.frames.forEach((waiting) => transcript.addLocal(waiting.id, waiting.text || waiting.title));
connection.open();
if (page.dataset.embedded !== "true") input.focus({ preventScroll: true });
