import type * as z from 'zod';
import type { JsonOperation } from '#local/gateway/json-service';
import { AwsError } from '#local/gateway/service';
import type { Archives } from '../archive/archives.ts';
import type { Replays } from '../archive/replays.ts';
import type { Arns } from '../arn.ts';
import type { Home } from '../event.ts';
import { compilePattern, type EventPattern } from '../pattern/compile.ts';
import { PatternError } from '../pattern/pattern-error.ts';
import type { EventRouter } from '../router.ts';
import type { Schedules } from '../schedules.ts';
import type { Registry } from '../state/registry.ts';

/** What the operations work on. */
export interface Services {
  readonly home: Home;
  readonly arns: Arns;
  readonly registry: Registry;
  readonly router: EventRouter;
  readonly archives: Archives;
  readonly replays: Replays;
  readonly schedules: Schedules;
}

/** Who calls: a template at boot, or a client of the API. */
export interface Caller {
  readonly fromTemplate: boolean;
  readonly traceHeader?: string | undefined;
}

/** One API operation: what it takes, which resources it needs permission for, and what it does. */
export interface Operation<Input extends z.ZodType = z.ZodType, Output extends object = object> {
  readonly input: Input;
  readonly resources: (input: z.output<Input>) => readonly string[];
  readonly run: (input: z.output<Input>, caller: Caller) => Output | Promise<Output>;
}

/** Keeps the types of an operation's input and output together. */
export function operation<Input extends z.ZodType, Output extends object>(
  definition: Operation<Input, Output>,
): Operation<Input, Output> {
  return definition;
}

/** Makes operations answer the API: the input is checked first, then the caller's permission. */
export function toJsonOperations(
  operations: Record<string, Operation>,
): Record<string, JsonOperation> {
  return Object.fromEntries(
    Object.entries(operations).map(([name, { input, resources, run }]): [string, JsonOperation] => [
      name,
      (body, call) => {
        const parsed = parse(input, body);
        for (const arn of new Set(resources(parsed))) call.authorize(`events:${name}`, arn);
        return run(parsed, { fromTemplate: false, traceHeader: call.traceHeader });
      },
    ]),
  );
}

/** @throws AwsError `ValidationException`, naming each field that does not fit */
export function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) =>
      `${path.length > 0 ? `Parameter ${path.join('.')}` : 'Input'}: ${message}`,
  );
  throw new AwsError('ValidationException', problems.join('; '));
}

/** @throws AwsError `InvalidEventPatternException` */
export function checkedPattern(text: string): EventPattern {
  try {
    return compilePattern(text);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new AwsError(error.code, `Event pattern is not valid. Reason: ${error.message}`);
  }
}
