// Messages that the server has not acknowledged yet. They survive a reload of this tab.

const KEY = "guanjia.outbox";

/** An id for one message; randomUUID is missing on plain-http pages. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export class Outbox {
  constructor() {
    this.frames = this.restore();
  }

  add(frame) {
    this.frames.push(frame);
    this.save();
  }

  /** Forget a frame. @returns the frame, or undefined when it was not waiting */
  remove(id) {
    const frame = this.frames.find((waiting) => waiting.id === id);
    this.frames = this.frames.filter((waiting) => waiting !== frame);
    this.save();
    return frame;
  }

  restore() {
    try {
      return JSON.parse(sessionStorage.getItem(KEY)) || [];
    } catch (_) {
      return [];
    }
  }

  save() {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(this.frames));
    } catch (_) {
      /* storage is full or forbidden: the frames stay in memory */
    }
  }
}
