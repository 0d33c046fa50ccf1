import * as z from 'zod';
import type { EventDefinition } from './define-event.ts';
import { clipEndFields, EXAMPLE_EXECUTION } from './fields.ts';

const schema = z.looseObject(clipEndFields);

export const ClipGenerationCancelled = {
  detailType: 'ClipGenerationCancelled',
  source: 'nullcheck.clips.trigger',
  meaning:
    'A clip is not wanted any more: what of it has not begun does not begin, the rest is dropped.',
  schema,
  example: { ...EXAMPLE_EXECUTION, clipId: 'best-moment' },
} satisfies EventDefinition<typeof schema>;
