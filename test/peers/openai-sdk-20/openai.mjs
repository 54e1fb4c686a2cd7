// `OpenAIRealtimeWS` of the official client: it knows no other than wss, so it meets the simulator as api.openai.com.
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { baseURL, hostsEntry } from '../openai-programs/hosts-entry.mjs';
import { holdSession } from '../openai-programs/wire-session.mjs';

const client = new OpenAI({ apiKey: 'sk-test', baseURL });
const rt = new OpenAIRealtimeWS({ model: 'gpt-realtime', options: hostsEntry }, client);
process.stdout.write(JSON.stringify(await holdSession(rt)));
