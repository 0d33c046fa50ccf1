import * as z from 'zod';
import type { EventDefinition } from './define-event.ts';
import { EXAMPLE_EXECUTION, executionFields } from './fields.ts';

const schema = z.looseObject({
  ...executionFields,
  /** `completed` when every clip is there that was not cancelled, else `failed`. */
  status: z.enum(['completed', 'failed']),
  totalClips: z.int().nonnegative(),
  processedClips: z.int().nonnegative(),
  failedClips: z.int().nonnegative(),
  /** Absent in events of before clips could be cancelled. */
  cancelledClips: z.int().nonnegative().optional(),
});

export const ExecutionFinished = {
  detailType: 'ExecutionFinished',
  source: 'nullcheck.clips.status',
  meaning: 'Every clip of an execution has ended, one way or the other.',
  schema,
  example: {
    ...EXAMPLE_EXECUTION,
    status: 'failed' as const,
    totalClips: 3,
    processedClips: 2,
    failedClips: 1,
    cancelledClips: 0,
  },
} satisfies EventDefinition<typeof schema>;
