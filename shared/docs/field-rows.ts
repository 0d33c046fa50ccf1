import * as z from 'zod';
import { cutOptionsSchema } from '../src/events/cut-options.ts';
import { clipReceiptSchema, segmentReceiptSchema } from '../src/events/receipt.ts';
import { idSchema } from '../src/ids.ts';

/** One field of an event, as the catalogue shows it. */
export interface FieldRow {
  /** Dotted; `[]` stands for every element of a list. */
  path: string;
  type: string;
  required: boolean;
  default?: unknown;
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** More values than this are a vocabulary with a page of its own. */
const MAX_LISTED_VALUES = 4;

/** Shapes that are explained in a place of their own: events only link there. */
const LINKS = new Map<unknown, string>([
  [cutOptionsSchema, '[options](#options)'],
  [clipReceiptSchema, '[receipt](receipt.md)'],
  [segmentReceiptSchema, '[receipt](receipt.md#of-a-segment)'],
]);

const EXECUTION_ID = '^[0-9a-f]{32}$';

/** The fields that a sender may or must give, outer ones before inner ones. */
export function fieldRows(schema: z.ZodType, prefix = ''): FieldRow[] {
  return rowsOf(jsonSchemaOf(schema), prefix);
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema, path }) {
      const link = LINKS.get(zodSchema);
      if (!link || path.length === 0) return;
      delete jsonSchema.properties;
      jsonSchema.title = link;
    },
  });
}

function rowsOf(object: JsonSchema, prefix: string): FieldRow[] {
  const { properties = {}, required = [] } = object;
  return Object.entries(properties as Record<string, JsonSchema>).flatMap(([name, field]) => {
    const path = prefix ? `${prefix}.${name}` : name;
    const row: FieldRow = {
      path,
      type: typeOf(field),
      required: required.includes(name),
      ...(field.default === undefined ? {} : { default: field.default }),
    };
    const items = field.items as JsonSchema | undefined;
    return [row, ...rowsOf(field, path), ...(items ? rowsOf(items, `${path}[]`) : [])];
  });
}

const idPattern = jsonSchemaOf(idSchema).pattern;

function typeOf({ type, pattern, format, ...field }: JsonSchema): string {
  if (field.title) return field.title;
  if (field.const !== undefined) return `\`${JSON.stringify(field.const)}\``;
  if (field.enum) return vocabulary(field.enum);
  if (Array.isArray(field.anyOf)) return field.anyOf.map(typeOf).join(' or ');
  if (pattern === idPattern) return 'id';
  if (pattern === EXECUTION_ID) return '32 hex digits';
  if (format === 'date-time') return 'UTC time';
  if (type === 'array') return field.minItems ? 'list, not empty' : 'list';
  if (type === 'integer') return integerType(field);
  return Array.isArray(type) ? type.join(' or ') : String(type ?? 'anything');
}

function integerType({ exclusiveMinimum, minimum }: JsonSchema): string {
  if (exclusiveMinimum === 0) return 'integer > 0';
  return minimum === 0 ? 'integer ≥ 0' : 'integer';
}

function vocabulary(values: readonly unknown[]): string {
  if (values.length > MAX_LISTED_VALUES) return '[code](errors.md)';
  return values.map((value) => `\`${JSON.stringify(value)}\``).join(' or ');
}
