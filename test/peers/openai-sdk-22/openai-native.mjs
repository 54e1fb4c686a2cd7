// `OpenAIRealtimeWebSocket` on Node's own WebSocket, with api.openai.com hard-coded; the proxy of the environment leads to us.
import OpenAI from 'openai';
import { OpenAIRealtimeWebSocket } from 'openai/realtime/websocket';
import { holdSession } from '../openai-programs/wire-session.mjs';

const client = new OpenAI({ apiKey: 'sk-test' });
const rt = new OpenAIRealtimeWebSocket({ model: 'gpt-realtime' }, client);
process.stdout.write(JSON.stringify(await holdSession(rt)));
