import type { MuLawAudio } from '@onhook/audio';
import type { CarrierMessages } from './carrier-messages.js';
import type { MediaSocket } from './media-socket.js';
import type { Interruption, Playback, PlaybackItem } from './playback.js';
import type { Recorder } from './recorder.js';
import type { Traffic } from './traffic.js';

/** The agent's voice on its way to the callee: sends, and keeps the books and the recording in step with what was sent. */
export interface Speaker {
  /** One message for each piece, however long. False: dropped. */
  speak(audio: MuLawAudio, item: PlaybackItem): boolean;
  /** Sends a mark behind everything accepted so far and returns its name. */
  mark(): string;
  /** Silences the carrier's queue. Null: nothing was unheard. */
  silence(): Interruption | null;
  unheardMs(): number;
}

interface SpeakerDeps {
  readonly socket: Pick<MediaSocket, 'send' | 'sendAudio'>;
  readonly messages: CarrierMessages;
  readonly playback: Playback;
  readonly recorder: Pick<Recorder, 'agent' | 'cleared'>;
  readonly traffic: Pick<Traffic, 'framesOut' | 'lateAudio'>;
  /** Milliseconds since the stream's start. */
  readonly elapsedMs: () => number;
}

export function createSpeaker({ socket, messages, playback, recorder, traffic, elapsedMs }: SpeakerDeps): Speaker {
  function mark(): string {
    const name = playback.mark();
    socket.send(messages.mark(name));
    return name;
  }

  return {
    speak(audio, item) {
      const at = elapsedMs();
      if (!playback.generated(audio.length, item, at)) {
        traffic.lateAudio++;
        return false;
      }
      traffic.framesOut++;
      socket.sendAudio(messages.media.before, audio, messages.media.after);
      recorder.agent(audio, at);
      if (playback.markIsDue()) mark();
      return true;
    },
    mark,
    silence() {
      const at = elapsedMs();
      const interruption = playback.interrupt(at);
      if (!interruption) return null;
      socket.send(messages.clear());
      recorder.cleared(at);
      return interruption;
    },
    unheardMs: () => playback.unheardMs(elapsedMs()),
  };
}
