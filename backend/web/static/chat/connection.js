// A WebSocket that comes back by itself. Knows frames, not their meaning.

const RETRY_MS = [300, 800, 1500, 3000, 6000, 12000];
const PING_MS = 20000;
const PONG_WAIT_MS = 8000;

export class Connection {
  /**
   * @param {string} url ws(s) address
   * @param {{onOpen: () => void, onFrame: (frame: object) => void, onDown: (closeCode: number) => void}} handlers
   */
  constructor(url, handlers) {
    this.url = url;
    this.handlers = handlers;
    this.socket = null;
    this.failures = 0;
    this.retryTimer = 0;
    this.pongTimer = 0;
    setInterval(() => this.ping(), PING_MS);
    addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.retryNow();
    });
  }

  get isOpen() {
    return this.socket !== null && this.socket.readyState === WebSocket.OPEN;
  }

  open() {
    clearTimeout(this.retryTimer);
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.onopen = () => this.handlers.onOpen();
    socket.onmessage = (event) => this.receive(socket, event.data);
    socket.onclose = (event) => {
      if (this.socket === socket) this.down(event.code);
    };
  }

  /** @returns {boolean} whether the frame was handed to an open socket */
  send(frame) {
    if (!this.isOpen) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  retryNow() {
    if (this.socket === null) {
      this.failures = 0;
      this.open();
    } else if (this.isOpen) {
      this.ping();
    }
  }

  receive(socket, data) {
    if (this.socket !== socket) return;
    clearTimeout(this.pongTimer);
    this.failures = 0;
    const frame = JSON.parse(data);
    if (frame.type !== "pong") this.handlers.onFrame(frame);
  }

  ping() {
    if (!this.send({ type: "ping" })) return;
    clearTimeout(this.pongTimer);
    this.pongTimer = setTimeout(() => this.drop(), PONG_WAIT_MS);
  }

  drop() {
    const silent = this.socket;
    this.down(1006);
    if (silent) silent.close();
  }

  down(closeCode) {
    clearTimeout(this.pongTimer);
    this.socket = null;
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    this.retryTimer = setTimeout(() => this.open(), wait * (0.75 + Math.random() / 2));
    this.handlers.onDown(closeCode);
  }
}
