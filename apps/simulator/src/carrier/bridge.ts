import { silentFrame } from './telephone-audio.js';
import type { LineSource } from './telephone-line.js';

/** More than this between the two lines is a delay that nobody wants: the oldest is dropped. */
const mostFrames = 3;

/** Two lines that hear each other: what is said on one is heard on the other, a step of 20 ms later. */
export function createBridge(): { parent: LineSource; child: LineSource } {
  const toParent: Uint8Array[] = [];
  const toChild: Uint8Array[] = [];
  return { parent: createEnd(toParent, toChild), child: createEnd(toChild, toParent) };
}

function createEnd(inbox: Uint8Array[], outbox: Uint8Array[]): LineSource {
  return {
    pass(said) {
      // The line may write into its frame again; the one silent frame is known by its identity.
      outbox.push(said === silentFrame ? said : said.slice());
      if (outbox.length > mostFrames) outbox.shift();
      return inbox.shift();
    },
    cut: () => undefined,
  };
}
