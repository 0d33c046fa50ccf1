import { stringify } from 'yaml';
import * as z from 'zod';
import { ROUTE_CATALOGUE } from '../src/api/catalogue.ts';
import { ADMIN_SCOPE } from '../src/http/caller.ts';
import { gatewayErrorSchema, problemSchema } from '../src/http/problem-schema.ts';
import type { AnswerDefinition, RouteDefinition } from '../src/http/route.ts';

type JsonSchema = Record<string, unknown>;

/** OpenAPI 3.1, as an object, made from the schemas that check requests. */
export function openApi(): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of ROUTE_CATALOGUE) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operationOf(route),
      ...(route.answersHead && { head: headOf(route) }),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Splicebus',
      version: '1',
      description: 'Ask for clips of long episodes, watch them being made, and play them.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'Where the API is deployed' }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      },
      schemas: { Problem: outputSchema(problemSchema) },
    },
  };
}

/** The file `openapi.yaml`. */
export const openApiFile = (): string =>
  `# Made by npm run docs:events from shared/src/api.\n${stringify(openApi(), { aliasDuplicateObjects: false, lineWidth: 110 })}`;

function operationOf(route: RouteDefinition): Record<string, unknown> {
  const { operationId, summary, access, bodySchema } = route;
  const parameters = parametersOf(route);
  return {
    operationId,
    summary,
    ...(access === 'admin' && { description: `Needs the scope ${ADMIN_SCOPE}.` }),
    security: access === 'public' ? [] : [{ token: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(bodySchema && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: inputSchema(bodySchema) } },
      },
    }),
    responses: {
      ...mapValues(problemsOf(route), problemAnswer),
      ...mapValues(route.answers, answerOf),
      ...(access !== 'public' && { 401: gatewayAnswer('The token is missing or not valid.') }),
      429: gatewayAnswer('Too many requests: try again later.'),
    },
  };
}

const headOf = ({ operationId, summary, answers }: RouteDefinition) => ({
  operationId: `${operationId}Head`,
  summary,
  security: [],
  responses: mapValues(answers, ({ description }) => ({ description })),
});

/** Those that each route has, beside its own. */
const problemsOf = ({ access, problems }: RouteDefinition): Record<string, string> => ({
  400: 'The request does not fit; `field` says where.',
  ...(access !== 'public' && {
    403: `The token names no tenant${access === 'admin' ? `, or lacks the scope ${ADMIN_SCOPE}` : ''}.`,
  }),
  500: 'Something went wrong that is not the caller’s to mend.',
  503: 'Something that is needed does not answer: try again after Retry-After seconds.',
  ...problems,
});

function parametersOf({ pathSchema, querySchema, headerSchema }: RouteDefinition) {
  return [
    ...parametersIn('path', pathSchema),
    ...parametersIn('query', querySchema),
    ...parametersIn('header', headerSchema),
  ];
}

function parametersIn(place: string, schema: z.ZodObject | undefined) {
  if (!schema) return [];
  const { properties = {}, required = [] } = inputSchema(schema) as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, of]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: of,
  }));
}

const answerOf = ({ description, schema, contentType, headers }: AnswerDefinition) => ({
  description,
  ...(headers && {
    headers: mapValues(headers, (what) => ({ description: what, schema: { type: 'string' } })),
  }),
  ...(schema && { content: { 'application/json': { schema: outputSchema(schema) } } }),
  ...(contentType && { content: { [contentType]: {} } }),
});

const problemAnswer = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const gatewayAnswer = (description: string) => ({
  description,
  content: { 'application/json': { schema: outputSchema(gatewayErrorSchema) } },
});

const inputSchema = (schema: z.ZodType): JsonSchema => jsonSchema(schema, 'input');
const outputSchema = (schema: z.ZodType): JsonSchema => jsonSchema(schema, 'output');

/** OpenAPI 3.1 is JSON Schema 2020-12, which zod makes; the dialect is the document's. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return json;
}

const mapValues = <From, To>(
  of: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Record<string, To> =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, change(value)]));
