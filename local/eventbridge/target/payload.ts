import type { BusEvent } from '../event.ts';
import { jsonPath } from './json-path.ts';
import type { Target } from './target.ts';
import { render } from './template.ts';

/** What a payload may be made of besides the event. */
export interface PayloadContext {
  readonly event: BusEvent;
  readonly ruleArn: string;
  readonly ruleName: string;
  /** When the bus took the event; RFC 3339. */
  readonly ingestionTime: string;
}

/**
 * The JSON value a target receives: the event, or what Input, InputPath or InputTransformer make of it.
 * @throws SyntaxError if a filled-in template is not JSON
 */
export function payloadFor(target: Target, context: PayloadContext): unknown {
  if (target.Input !== undefined) return JSON.parse(target.Input);
  if (target.InputPath !== undefined) return jsonPath(target.InputPath)?.(context.event) ?? null;
  if (!target.InputTransformer) return context.event;

  const { InputPathsMap, InputTemplate } = target.InputTransformer;
  const predefined = predefinedValues(context);
  return JSON.parse(
    render(InputTemplate, (name) => {
      const path = InputPathsMap[name];
      return path === undefined ? predefined[name] : jsonPath(path)?.(context.event);
    }),
  );
}

function predefinedValues({
  event,
  ruleArn,
  ruleName,
  ingestionTime,
}: PayloadContext): Record<string, unknown> {
  const { detail: _, ...envelope } = event;
  return {
    'aws.events.rule-arn': ruleArn,
    'aws.events.rule-name': ruleName,
    'aws.events.event.ingestion-time': ingestionTime,
    'aws.events.event': envelope,
    'aws.events.event.json': event,
  };
}
