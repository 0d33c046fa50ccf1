import * as z from 'zod';
import type { EventDefinition } from './define-event.ts';
import { clipEndFields, EXAMPLE_EXECUTION, errorSchema } from './fields.ts';

const schema = z.looseObject({ ...clipEndFields, error: errorSchema });

export const ClipGenerationFailed = {
  detailType: 'ClipGenerationFailed',
  source: 'nullcheck.clips.status',
  meaning:
    'Nobody finishes a clip any more: a function gave up, an event could not be delivered, or its deadline has passed.',
  schema,
  example: {
    ...EXAMPLE_EXECUTION,
    clipId: 'best-moment',
    error: {
      code: 'TIMED_OUT' as const,
      message:
        'The clip was not finished by its deadline, 2026-03-01T14:00:00.000Z: look for its events in the log, then request it again.',
    },
  },
} satisfies EventDefinition<typeof schema>;
