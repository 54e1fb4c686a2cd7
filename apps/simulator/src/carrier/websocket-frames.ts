import { isUtf8 } from 'node:buffer';

/** WebSocket frames (RFC 6455 §5) as a client without extensions writes and reads them. Pure: no socket, no clock. */

/** A frame of the client with its header written and room for `length` bytes of payload from `textAt` on, not yet masked. */
export function openFrame(opcode: number, length: number, maskKey: Uint8Array): { frame: Buffer; textAt: number } {
  const sizeBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const textAt = 2 + sizeBytes + 4;
  const frame = Buffer.alloc(textAt + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (sizeBytes === 0 ? length : sizeBytes === 2 ? 126 : 127);
  if (sizeBytes === 2) frame.writeUInt16BE(length, 2);
  if (sizeBytes === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.set(maskKey, 2 + sizeBytes);
  return { frame, textAt };
}

export function maskText(frame: Uint8Array, textAt: number, maskKey: Uint8Array): void {
  for (let i = textAt; i < frame.length; i++) frame[i] = frame[i]! ^ maskKey[(i - textAt) & 3]!;
}

export const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

export function clientFrame(opcode: number, payload: Uint8Array, maskKey: Uint8Array): Buffer {
  const { frame, textAt } = openFrame(opcode, payload.length, maskKey);
  frame.set(payload, textAt);
  maskText(frame, textAt, maskKey);
  return frame;
}

/** A close without a code is 1005 to its reader, and has no body. */
export function closePayload(code: number): Uint8Array {
  return code === 1005 ? new Uint8Array(0) : Uint8Array.of(code >> 8, code & 0xff);
}

export interface FrameHandlers {
  /** The text of a whole message, in UTF-8, at `bytes[from…to)`: true until this returns. */
  onText(bytes: Uint8Array, from: number, to: number): void;
  onBinary(): void;
  onPing(payload: Uint8Array): void;
  /** 1005: the server gave no code. */
  onClose(code: number): void;
  /** Nothing is read after it. `closeCode` is what RFC 6455 §7.4 answers it with. */
  onViolation(why: string, closeCode: number): void;
}

export interface FrameReader {
  /** Reads what has arrived; the bytes may be used again by the caller afterwards. */
  read(bytes: Uint8Array): void;
  stop(): void;
}

/** A message beyond this is no media message of anybody. */
const maxMessageBytes = 100 * 1024 * 1024;

/** Reads what a server sends, in pieces of any size. A message that arrives in one piece is handed on where it lies. */
export function createFrameReader(on: FrameHandlers): FrameReader {
  /** The beginning of a frame that has not arrived wholly. */
  let held: Buffer | undefined;
  let heldBytes = 0;
  /** The fragments of a message so far. */
  let fragments: { opcode: number; parts: Uint8Array[]; bytes: number } | undefined;
  let isOver = false;

  function violation(why: string, closeCode = 1002): number {
    isOver = true;
    on.onViolation(why, closeCode);
    return -1;
  }

  /** @returns where the next frame begins; −1 if this one has not arrived wholly, or nothing more is read */
  function readFrame(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < 2) return -1;
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    if (first & 0x70) return violation('reserved bits are set');
    if (second & 0x80) return violation('a frame of the server is masked');
    const opcode = first & 0x0f;
    const isFinal = first >= 0x80;
    if (opcode >= 0x8 && (!isFinal || second > 125)) return violation('a control frame is fragmented or too long');
    let from = at + 2;
    let length = second;
    if (second === 126) {
      if (end < from + 2) return -1;
      length = (bytes[from]! << 8) | bytes[from + 1]!;
      from += 2;
    } else if (second === 127) {
      if (end < from + 8) return -1;
      length = Number(new DataView(bytes.buffer, bytes.byteOffset + from, 8).getBigUint64(0));
      from += 8;
    }
    if (length + (fragments?.bytes ?? 0) > maxMessageBytes) return violation('a message is too long', 1009);
    if (end < from + length) return -1;
    const to = from + length;
    if (opcode === opcodes.text && isFinal && !fragments) on.onText(bytes, from, to);
    else takeOther(opcode, isFinal, bytes.subarray(from, to));
    return isOver ? -1 : to;
  }

  function takeOther(opcode: number, isFinal: boolean, payload: Uint8Array): void {
    switch (opcode) {
      case opcodes.text:
      case opcodes.binary:
        if (fragments) return void violation('a message begins inside another');
        fragments = { opcode, parts: [], bytes: 0 };
        return takePart(payload, isFinal);
      case opcodes.continuation:
        if (!fragments) return void violation('a continuation of nothing');
        return takePart(payload, isFinal);
      case opcodes.ping:
        return on.onPing(payload);
      case opcodes.pong:
        return;
      case opcodes.close:
        return takeClose(payload);
      default:
        violation(`unknown opcode ${opcode}`);
    }
  }

  function takePart(payload: Uint8Array, isFinal: boolean): void {
    if (!fragments) return;
    const { opcode, parts } = fragments;
    fragments.bytes += payload.length;
    // A copy (`slice` of a Buffer is none): the next piece comes when these bytes belong to somebody else.
    parts.push(Uint8Array.from(payload));
    if (!isFinal) return;
    fragments = undefined;
    if (opcode === opcodes.binary) return on.onBinary();
    const whole = Buffer.concat(parts);
    on.onText(whole, 0, whole.length);
  }

  function takeClose(payload: Uint8Array): void {
    if (payload.length === 0) return on.onClose(1005);
    const code = payload.length === 1 ? 0 : (payload[0]! << 8) | payload[1]!;
    if (!isCloseCode(code)) return void violation('a close code that must not be sent');
    if (!isUtf8(payload.subarray(2))) return void violation('the reason of a close is not UTF-8', 1007);
    on.onClose(code);
  }

  function readFrames(bytes: Uint8Array, end: number): void {
    let at = 0;
    while (at < end && !isOver) {
      const next = readFrame(bytes, at, end);
      if (next < 0) break;
      at = next;
    }
    if (!isOver) hold(bytes, at, end);
  }

  /** Keeps `bytes[from…end)` until the rest of the frame comes. `bytes` may be `held` itself. */
  function hold(bytes: Uint8Array, from: number, end: number): void {
    heldBytes = end - from;
    if (heldBytes === 0) held = undefined;
    else if (bytes === held) held.copyWithin(0, from, end);
    else held = Buffer.from(bytes.subarray(from, end));
  }

  return {
    read(bytes) {
      if (isOver) return;
      if (!held) return readFrames(bytes, bytes.length);
      const needed = heldBytes + bytes.length;
      if (held.length < needed) {
        const larger = Buffer.allocUnsafe(Math.max(needed, held.length * 2));
        held.copy(larger, 0, 0, heldBytes);
        held = larger;
      }
      held.set(bytes, heldBytes);
      readFrames(held, needed);
    },
    stop() {
      isOver = true;
      held = fragments = undefined;
    },
  };
}

/** RFC 6455 §7.4: codes that may stand in a close frame. */
function isCloseCode(code: number): boolean {
  return (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
}
