import { z } from 'zod';

/** `{{name}}` in the texts of an agent. */
const variableName = z.string().regex(/^[\w-]{1,64}$/, 'must be letters, digits, _ or -');
export const variableValue = z.union([z.string().max(1_000), z.number(), z.boolean()]);
export const variableValues = z.record(variableName, variableValue);

/**
 * The name of an environment variable that holds a secret. Only these can be named, so that no agent file can send away what
 * belongs to the carrier or the provider.
 */
const secretName = z
  .string()
  .regex(/^TOOL_[A-Z0-9_]{1,60}$/, 'must be the name of an environment variable that begins with TOOL_');
const headerName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/i, 'must be a header name')
  .refine(
    (name) => !/^(host|content-length|content-type|connection|transfer-encoding|expect|x-onhook-.*)$/i.test(name),
    'is set by the gateway',
  );

/** Whom the agent may transfer a call to. The model chooses by name; the numbers stand here and nowhere else. */
const transferTool = z.strictObject({
  targets: z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and hyphens'),
      z.strictObject({
        number: z.e164('must be a number like +14155550123'),
        /** For the model: when to choose this one. */
        description: z.string().min(1).max(300),
      }),
    )
    .refine((targets) => Object.keys(targets).length > 0, 'needs at least one target')
    .refine((targets) => Object.keys(targets).length <= 20, 'has more than 20 targets'),
  ringSeconds: z.int().min(5).max(120).default(25),
  /** How long the two may speak with each other. */
  limitSeconds: z.int().min(60).max(14_400).default(3_600),
  /** What the callee hears, by the carrier's own voice, when nobody could be reached: the agent is gone by then. */
  unreachable: z.string().min(1).max(300).default('I am sorry, nobody could be reached. Goodbye.'),
});

/** A service of the operator's that the agent may ask. The model fills in arguments; the address is never its choice. */
export const httpTool = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be lower-case letters, digits and underscores'),
    description: z.string().min(1).max(1_000),
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('POST'),
    /** `{{variables}}` of the call may stand in path and query. Arguments go into the query of GET and DELETE, else into a JSON body. */
    url: z
      .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
      .refine((url) => !/^[a-z]+:\/\/[^/?#]*[{}@]/i.test(url), 'may have no variable and no password before its path'),
    /** JSON Schema of the arguments; the model sees it, and what it gives is checked by it. */
    parameters: z
      .record(z.string(), z.json())
      .refine((schema) => schema['type'] === 'object', 'must be a JSON Schema of type object')
      .refine(isSchema, 'is no JSON Schema that can be checked')
      .default({ type: 'object', properties: {}, additionalProperties: false }),
    /** Sent with every request; the model neither sees nor chooses them. `{{variables}}` are filled in. */
    constants: z.record(z.string().min(1).max(64), variableValue).default({}),
    headers: z
      .record(
        headerName,
        z
          .string()
          .max(1_000)
          .regex(/^[\x20-\x7e]*$/, 'must be printable'),
      )
      .default({}),
    /** Header → environment variable that holds its value. */
    secretHeaders: z.record(headerName, secretName).default({}),
    /** Environment variable with the key of `x-onhook-signature`. */
    signingSecret: secretName.optional(),
    timeoutMs: z.int().min(100).max(30_000).default(5_000),
    maxResponseBytes: z.int().min(256).max(65_536).default(16_384),
  })
  .refine(({ constants, parameters }) => {
    const given = parameters['properties'];
    return typeof given !== 'object' || given === null || !Object.keys(constants).some((name) => Object.hasOwn(given, name));
  }, 'has a constant that is a parameter too');
export type HttpTool = z.output<typeof httpTool>;

const BUILT_IN: ReadonlySet<string> = new Set(['end_call', 'transfer_call', 'send_dtmf']);

/** What an agent may do besides speak and `end_call`. */
export const agentTools = z.strictObject({
  transfer: transferTool.optional(),
  /** May press keys, as tones: for menus of other systems. */
  sendDtmf: z.boolean().default(false),
  http: z
    .array(httpTool)
    .max(20)
    .default([])
    .refine((tools) => new Set(tools.map(({ name }) => name)).size === tools.length, 'has two tools of one name')
    .refine((tools) => !tools.some(({ name }) => BUILT_IN.has(name)), 'has a tool with a name of ours'),
});
export type TransferTool = z.output<typeof transferTool>;

function isSchema(schema: Record<string, unknown>): boolean {
  try {
    z.fromJSONSchema(schema);
    return true;
  } catch {
    // The issue says that it cannot be used.
    return false;
  }
}
