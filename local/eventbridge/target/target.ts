import * as z from 'zod';
import { jsonPath } from './json-path.ts';
import { PREDEFINED_VARIABLES, variablesOf } from './template.ts';

const arn = z.string().max(1600).startsWith('arn:');
const path = z
  .string()
  .max(256)
  .refine(
    (text) => jsonPath(text) !== undefined,
    'is not a JSON path in dot notation, such as $.detail.clipId',
  );

const inputTransformer = z
  .strictObject({
    InputPathsMap: z
      .record(z.string().regex(/^(?!aws\.)[A-Za-z0-9_-]+$/i, 'is no name for a variable'), path)
      .default({}),
    InputTemplate: z.string().min(1).max(8192),
  })
  .superRefine(({ InputPathsMap, InputTemplate }, context) => {
    for (const name of variablesOf(InputTemplate)) {
      if (!Object.hasOwn(InputPathsMap, name) && !PREDEFINED_VARIABLES.has(name)) {
        context.addIssue(`InputTemplate names <${name}>, which InputPathsMap does not define`);
      }
    }
  });

/**
 * A target as PutTargets takes it. Strict: the parameters that belong to kinds of targets which the
 * embedded stack has not (ECS, Kinesis, Batch …) are refused instead of being silently without effect.
 */
export const targetSchema = z
  .strictObject({
    Id: z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/),
    Arn: arn,
    RoleArn: arn.optional(),
    Input: z.string().max(8192).refine(isJson, 'is not JSON').optional(),
    InputPath: path.optional(),
    InputTransformer: inputTransformer.optional(),
    /** Defaults: 185 attempts within 86,400 s. */
    RetryPolicy: z
      .strictObject({
        MaximumRetryAttempts: z.int().min(0).max(185).optional(),
        MaximumEventAgeInSeconds: z.int().min(60).max(86_400).optional(),
      })
      .optional(),
    DeadLetterConfig: z.strictObject({ Arn: arn.optional() }).optional(),
  })
  .refine(
    ({ Input, InputPath, InputTransformer }) =>
      [Input, InputPath, InputTransformer].filter((way) => way !== undefined).length <= 1,
    'Only one of Input, InputPath and InputTransformer may be given',
  );

export type Target = z.output<typeof targetSchema>;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
