import { z } from 'zod';
import { ROUTES } from './catalogue.js';
import { PROBLEMS, problemSchema, type ProblemCode } from './problems.js';
import { problemsOf, type Route } from './route.js';
import { SCOPES } from './scopes.js';
import { WEBHOOK_EVENTS } from './webhooks.js';

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document, built from the catalogue: nothing in it is written by hand. `openapi.json` is this, committed. */
export function openapi(): Json {
  const schemas: Json = {};
  const problem = { 'application/problem+json': { schema: schemaOf(problemSchema, 'output', schemas) } };
  const paths: Record<string, Json> = {};
  for (const route of ROUTES) {
    const path = (paths[route.path] ??= {});
    path[route.method.toLowerCase()] = operation(route, problem, schemas);
  }
  const webhooks: Json = {};
  for (const [type, { summary, body }] of Object.entries(WEBHOOK_EVENTS)) {
    webhooks[type] = {
      post: {
        operationId: `on ${type}`,
        summary,
        requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'output', schemas) } } },
        responses: { '2XX': { description: 'Taken. Anything else is tried again.' } },
      },
    };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Onhook API',
      version: '1',
      description:
        'Outbound phone calls that an AI voice agent speaks. JSON in and out, camelCase fields, times in ISO 8601 UTC, numbers in E.164. Unknown fields are refused. Every answer carries an X-Request-Id.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: 'http://127.0.0.1:3000' }],
    tags: [...new Set(ROUTES.map(({ tag }) => tag))].map((name) => ({ name })),
    security: [{ apiKey: [] }],
    paths,
    webhooks,
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: `An API key. Scopes: ${Object.entries(SCOPES)
            .map(([scope, doc]) => `\`${scope}\`: ${doc}`)
            .join(' ')}`,
        },
      },
      schemas,
    },
  };
}

function operation(route: Route, problem: Json, schemas: Json): Json {
  const { id, tag, summary, description, scope, params, query, body, rawBody, headers, answer, alsoAnswers, example } = route;
  const parameters = [
    ...fieldsOf(params, 'path', schemas),
    ...fieldsOf(query, 'query', schemas),
    ...Object.entries(headers ?? {}).map(([name, doc]) => headerParameter(name, doc)),
    ...(route.method === 'POST' && route.scope ? [IDEMPOTENCY_KEY] : []),
  ];
  const content = {
    ...(body && {
      'application/json': {
        schema: schemaOf(body, 'input', schemas),
        ...(example?.body !== undefined && { example: example.body }),
      },
    }),
    ...Object.fromEntries(
      Object.entries(rawBody ?? {}).map(([type, doc]) => [type, { schema: { type: 'string', description: doc } }]),
    ),
  };
  const success = {
    description: answer.description,
    ...(answer.headers && {
      headers: Object.fromEntries(
        Object.entries(answer.headers).map(([name, doc]) => [name, { description: doc, schema: { type: 'string' } }]),
      ),
    }),
    ...((answer.json ?? answer.media) && {
      content: {
        ...(answer.json && { 'application/json': { schema: schemaOf(answer.json, 'output', schemas) } }),
        ...Object.fromEntries(
          Object.entries(answer.media ?? {}).map(([type, doc]) => [type, { schema: { type: 'string', description: doc } }]),
        ),
      },
    }),
  };
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description && { description }),
    ...(scope ? { 'x-scope': scope } : { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...((body ?? rawBody) && { requestBody: { required: needsBody(route), content } }),
    responses: {
      [answer.status]: success,
      ...Object.fromEntries(
        Object.entries(alsoAnswers ?? {}).map(([status, also]) => [
          status,
          typeof also === 'string'
            ? { description: also }
            : {
                description: also.description,
                content: { 'application/json': { schema: schemaOf(also.json, 'output', schemas) } },
              },
        ]),
      ),
      ...refusals(route, problem),
    },
  };
}

const IDEMPOTENCY_KEY = headerParameter(
  'Idempotency-Key',
  '1 to 255 printable ASCII characters. For 24 h the same key with the same request gives the first answer again, with Idempotency-Replayed: true.',
);

function headerParameter(name: string, description: string): Json {
  return { name, in: 'header', required: false, description, schema: { type: 'string' } };
}

/** One entry a status: the codes that may come with it. */
function refusals(route: Route, content: Json): Json {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of problemsOf(route)) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [status, { description: codes.map((code) => `\`${code}\``).join(', '), content }]),
  );
}

function fieldsOf(schema: z.ZodType | undefined, place: 'path' | 'query', schemas: Json): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input', schemas) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...field }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(typeof description === 'string' && { description }),
    // `metadata[orderId]=8841`
    ...(place === 'query' && field['type'] === 'object' && { style: 'deepObject', explode: true }),
    schema: field,
  }));
}

function needsBody({ body }: Route): boolean {
  return body === undefined || !body.safeParse({}).success;
}

/** JSON Schema as OpenAPI 3.1 has it. Schemas that carry an id become components; one id means one schema. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  // Inside an object a named schema is a reference, also the outermost one.
  const { properties, $defs = {} } = z.toJSONSchema(z.object({ it: schema }), {
    io,
    override: ({ jsonSchema }) => tidy(io, jsonSchema as Json),
  }) as unknown as {
    properties: { it: Json };
    $defs?: Record<string, Json>;
  };
  for (const [name, definition] of Object.entries($defs)) {
    const { id: _, ...component } = refer(definition) as Json;
    if (schemas[name] !== undefined && JSON.stringify(schemas[name]) !== JSON.stringify(component)) {
      throw new Error(`two different schemas are called ${name}`);
    }
    schemas[name] = component;
  }
  return refer(properties.it) as Json;
}

function tidy(io: 'input' | 'output', schema: Json): void {
  // Answers may gain fields: a client that is strict about them would break at the next release.
  if (io === 'output' && schema['additionalProperties'] === false) delete schema['additionalProperties'];
  // Says no more than the format, at great length.
  if (schema['format'] === 'date-time') delete schema['pattern'];
}

function refer(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(refer);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) =>
      name === '$ref' && typeof field === 'string'
        ? [name, field.replace('#/$defs/', '#/components/schemas/')]
        : [name, refer(field)],
    ),
  );
}
