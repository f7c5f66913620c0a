// The conversation on the page: draws entries, keeps their order, knows which buttons are alive.

import { render } from "./richtext.js";

const END_WITHIN_PX = 80;
const CLOCK = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
const DAY = new Intl.DateTimeFormat("zh-CN", { month: "long", day: "numeric", timeZone: "Asia/Shanghai" });

export class Transcript {
  /**
   * @param {HTMLElement} log the role=log element
   * @param {HTMLElement} scroller the element that scrolls
   * @param {{texts: Record<string, string>, phoneNumbers: Set<string>, onChoice: Function}} options
   */
  constructor(log, scroller, options) {
    this.log = log;
    this.scroller = scroller;
    this.options = options;
    this.lastSeq = 0;
    this.local = new Map();
    this.isAtEnd = true;
    scroller.addEventListener("scroll", () => {
      this.isAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < END_WITHIN_PX;
    });
    // Larger type, a turned phone or its keyboard must not hide the newest line.
    if (window.ResizeObserver) {
      const observer = new ResizeObserver(() => this.keepEnd());
      [log, scroller].forEach((node) => observer.observe(node));
    }
  }

  /** Add what the server sent; an entry that is already there changes nothing. */
  receive(entries) {
    for (const entry of entries) {
      if (entry.seq <= this.lastSeq) continue;
      this.lastSeq = entry.seq;
      if (!this.confirm(entry)) this.place(this.build(entry));
    }
    this.refreshChoices();
    this.keepEnd();
  }

  /** History is not news: screen readers must not read it out again. */
  receiveQuietly(entries) {
    this.log.setAttribute("aria-live", "off");
    this.receive(entries);
    setTimeout(() => this.log.setAttribute("aria-live", "polite"), 300);
  }

  /** Show a message of the citizen that is still on its way. */
  addLocal(id, text) {
    const node = this.build({ id, text, from: "citizen" });
    this.note(node, this.options.texts.sending);
    this.local.set(id, node);
    this.log.append(node);
    this.refreshChoices();
    this.toEnd();
  }

  markKept(id) {
    const node = this.local.get(id);
    if (node) this.note(node, this.options.texts.received);
  }

  /** The server did not take the message: show it as not sent. */
  markRefused(id) {
    const node = this.local.get(id);
    if (!node) return;
    node.classList.add("refused");
    this.note(node, this.options.texts.refused);
    this.local.delete(id);
    this.refreshChoices();
  }

  confirm(entry) {
    const node = this.local.get(entry.id);
    if (!node) return false;
    this.local.delete(entry.id);
    node.dataset.seq = entry.seq;
    node.querySelector(".bubble").replaceChildren(render(entry.text, this.options.phoneNumbers));
    this.note(node, `${this.when(entry.at)} ${this.options.texts.received}`);
    return true;
  }

  place(node) {
    const waiting = this.local.values().next().value;
    this.log.insertBefore(node, waiting || null);
  }

  build(entry) {
    const { texts, phoneNumbers } = this.options;
    const node = element("article", `entry ${entry.from}`);
    if (entry.seq) node.dataset.seq = entry.seq;
    node.append(element("span", "unseen", entry.from === "bot" ? texts.bot_says : texts.you_say));
    const bubble = element("div", "bubble");
    if (entry.urgent) {
      node.classList.add("urgent");
      bubble.append(element("strong", "urgent-label", texts.urgent));
    }
    bubble.append(render(entry.text, phoneNumbers));
    node.append(bubble);
    if (entry.buttons && entry.buttons.length) node.append(this.choices(entry.buttons));
    if (entry.at) this.note(node, this.when(entry.at));
    return node;
  }

  choices(buttons) {
    const group = element("div", "choices");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", this.options.texts.choices);
    for (const { title, payload } of buttons) {
      const button = element("button", "choice", title);
      button.type = "button";
      button.addEventListener("click", (event) => {
        button.dataset.chosen = "";
        this.options.onChoice({ title, payload }, event);
      });
      group.append(button);
    }
    return group;
  }

  /** Only the newest question may be answered with its buttons. */
  refreshChoices() {
    const entries = [...this.log.querySelectorAll(".entry:not(.refused)")];
    const lastCitizen = entries.findLastIndex
      ? entries.findLastIndex((node) => node.classList.contains("citizen"))
      : entries.map((node) => node.classList.contains("citizen")).lastIndexOf(true);
    const newest = entries.filter((node) => node.querySelector(".choices")).pop();
    entries.forEach((node, index) => {
      const alive = node === newest && index > lastCitizen;
      node.querySelectorAll(".choice").forEach((button) => {
        button.disabled = !alive;
        if (alive) delete button.dataset.chosen;
      });
    });
  }

  note(node, text) {
    let note = node.querySelector(".entry-note");
    if (!note) {
      note = element("div", "entry-note");
      node.append(note);
    }
    note.textContent = text;
  }

  when(at) {
    const moment = new Date(at);
    const isToday = DAY.format(moment) === DAY.format(new Date());
    return isToday ? CLOCK.format(moment) : `${DAY.format(moment)} ${CLOCK.format(moment)}`;
  }

  /** Whoever reads further up is left there. */
  keepEnd() {
    if (this.isAtEnd) this.toEnd();
  }

  toEnd() {
    this.isAtEnd = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }
}

function element(name, className, text) {
  const node = document.createElement(name);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}
