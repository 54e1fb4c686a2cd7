// The agents SDK, whose own schemas judge every event that it is sent.
import * as sdk from '@openai/agents-realtime';
import { z } from 'zod';
import { parseRealtimeEvent } from './node_modules/@openai/agents-realtime/dist/openaiRealtimeEvents.mjs';
import { holdAgentsSession } from '../openai-programs/agents-session.mjs';

const judge = (event) => !parseRealtimeEvent({ data: JSON.stringify(event) }).isGeneric;
process.stdout.write(JSON.stringify(await holdAgentsSession(sdk, z, judge)));
