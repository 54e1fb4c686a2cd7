/**
 * Reads the usual WebSocket frame, a whole text message in one final frame (RFC 6455 §5.2), and leaves every other to whoever
 * knows the protocol: control frames, fragments, binary, what is too long, what breaks a rule. Both are told in the order in
 * which it came; the other sees whole frames, and what is too long piece by piece.
 */
export interface TextFrames {
  /** The bytes are changed (unmasked) and kept. */
  read(chunk: Buffer): void;
  /** Nothing more is read. */
  stop(): void;
}

interface TextFramesDeps {
  /** Of the other end: clients mask, servers do not. */
  readonly masked: boolean;
  /** A longer message is left to the other. */
  readonly maxBytes: number;
  /** The message in `bytes[from…to)`, to be read where it lies. False: it is told again as a buffer of its own. */
  readonly onFrame: (bytes: Buffer, from: number, to: number) => boolean;
  /** One message; whether it is UTF-8 was not looked at. */
  readonly onText: (message: Buffer) => void;
  readonly onOther: (bytes: Buffer) => void;
}

const FINAL = 0x80;
const CONTINUATION = 0x0;
const TEXT = 0x1;
const CLOSE = 0x8;

export function createTextFrames({ masked, maxBytes, onFrame, onText, onOther }: TextFramesDeps): TextFrames {
  /** The beginning of a frame that has not come wholly, and how much of it there must be before a look is worth it. */
  let held: Buffer[] = [];
  let heldBytes = 0;
  let neededBytes = 0;
  /** What is still to come of a frame that is the other's. */
  let othersBytes = 0;
  /** A message in fragments has begun and not ended: whatever comes is the other's to judge. */
  let isFragmented = false;
  /** The other was told something since these bytes came. It may have found a fault, and says so only when they are read: the rest is its. */
  let isOthers = false;
  let isOver = false;

  function hold(rest: Buffer, needed: number): void {
    if (rest.length === 0) return;
    held.push(rest);
    heldBytes += rest.length;
    neededBytes = needed;
  }

  /** @returns the length of the header at `at`, or of so much of it as must be there to know */
  function headerBytes(bytes: Buffer, at: number): number {
    const short = bytes[at + 1]! & 0x7f;
    return 2 + (short < 126 ? 0 : short === 126 ? 2 : 8) + (bytes[at + 1]! >= FINAL ? 4 : 0);
  }

  function payloadBytes(bytes: Buffer, at: number): number {
    const short = bytes[at + 1]! & 0x7f;
    if (short < 126) return short;
    if (short === 126) return (bytes[at + 2]! << 8) | bytes[at + 3]!;
    // Beyond 2^53 it is not exact, but too long all the same.
    return bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
  }

  /** A frame that begins with this byte is the other's. */
  function leave(first: number): void {
    isOthers = true;
    const opcode = first & 0x0f;
    if (opcode < CLOSE) isFragmented = first < FINAL || (isFragmented && opcode !== CONTINUATION);
    if (opcode === CLOSE) isOver = true;
  }

  function readFrames(bytes: Buffer): void {
    let at = 0;
    while (!isOver) {
      const left = bytes.length - at;
      if (left < 2) return hold(bytes.subarray(at), 2);
      const header = headerBytes(bytes, at);
      if (left < header) return hold(bytes.subarray(at), header);
      const payload = payloadBytes(bytes, at);
      const end = at + header + payload;
      const isUsual = bytes[at] === (FINAL | TEXT) && bytes[at + 1]! >= FINAL === masked && !isFragmented && !isOthers;
      if (payload > maxBytes) {
        leave(bytes[at]!);
        othersBytes = end - at;
        return readOthers(bytes.subarray(at));
      }
      if (end > bytes.length) return hold(bytes.subarray(at), end - at);
      if (isUsual) {
        if (masked) unmask(bytes, at + header, end);
        if (!onFrame(bytes, at + header, end)) onText(bytes.subarray(at + header, end));
      } else {
        leave(bytes[at]!);
        onOther(bytes.subarray(at, end));
      }
      at = end;
    }
  }

  function readOthers(bytes: Buffer): void {
    isOthers = true;
    const count = Math.min(bytes.length, othersBytes);
    othersBytes -= count;
    onOther(bytes.subarray(0, count));
    if (count < bytes.length) readFrames(bytes.subarray(count));
  }

  return {
    read(chunk) {
      if (isOver) return;
      isOthers = false;
      if (othersBytes > 0) return readOthers(chunk);
      if (heldBytes === 0) return readFrames(chunk);
      hold(chunk, neededBytes);
      if (heldBytes < neededBytes) return;
      const whole = Buffer.concat(held, heldBytes);
      held = [];
      heldBytes = 0;
      readFrames(whole);
    },
    stop() {
      isOver = true;
      held = [];
      heldBytes = 0;
    },
  };
}

/** The key stands before the text. */
function unmask(bytes: Uint8Array, from: number, to: number): void {
  const k0 = bytes[from - 4]!;
  const k1 = bytes[from - 3]!;
  const k2 = bytes[from - 2]!;
  const k3 = bytes[from - 1]!;
  const whole = to - ((to - from) & 3);
  for (let i = from; i < whole; i += 4) {
    bytes[i] = bytes[i]! ^ k0;
    bytes[i + 1] = bytes[i + 1]! ^ k1;
    bytes[i + 2] = bytes[i + 2]! ^ k2;
    bytes[i + 3] = bytes[i + 3]! ^ k3;
  }
  if (whole < to) bytes[whole] = bytes[whole]! ^ k0;
  if (whole + 1 < to) bytes[whole + 1] = bytes[whole + 1]! ^ k1;
  if (whole + 2 < to) bytes[whole + 2] = bytes[whole + 2]! ^ k2;
}
