import { WebSocket, WebSocketServer } from 'ws';
import type { Duplex } from 'node:stream';

/** What a control does with its two sockets. */
export type Join = (carrier: WebSocket, agent: WebSocket) => void;

/** A relay that looks at nothing: what the library costs, tuned as far as it can be. */
export const relay: { readonly options: object; readonly join: Join } = {
  options: { perMessageDeflate: false, skipUTF8Validation: true },
  join(carrier, agent) {
    carrier.on('message', (data: Buffer) => agent.send(data, { binary: false }));
    agent.on('message', (data: Buffer) => carrier.send(data, { binary: false }));
  },
};

/** A bridge as the samples write it, without their log lines: one parse and one stringify for each frame, `ws` as it comes. */
export const naive: { readonly options: object; readonly join: Join } = {
  options: {},
  join(carrier, agent) {
    let streamSid = '';
    const session = { type: 'realtime', instructions: 'Talk.', output_modalities: ['audio'] };
    const configure = (): void => agent.send(JSON.stringify({ type: 'session.update', session }));
    if (agent.readyState === agent.OPEN) configure();
    else agent.once('open', configure);
    carrier.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as {
        event: string;
        start: { streamSid: string };
        media: { payload: string };
      };
      if (message.event === 'media')
        agent.send(JSON.stringify({ type: 'input_audio_buffer.append', audio: message.media.payload }));
      if (message.event === 'start') streamSid = message.start.streamSid;
    });
    agent.on('message', (data: Buffer) => {
      const event = JSON.parse(data.toString()) as { type: string; delta: string };
      if (event.type === 'response.output_audio.delta')
        carrier.send(JSON.stringify({ event: 'media', streamSid, media: { payload: event.delta } }));
    });
  },
};

export type PlainBridge = typeof relay;

export function acceptCarrier({ options }: PlainBridge): WebSocketServer {
  return new WebSocketServer({ ...options, noServer: true, clientTracking: false });
}

export function dialAgent({ options }: PlainBridge, url: string, connect?: () => Duplex): WebSocket {
  return new WebSocket(url, { ...options, ...(connect && { createConnection: connect }) });
}
