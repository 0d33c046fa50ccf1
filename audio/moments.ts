import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { describe } from '#shared/events/define-event';

const momentsSchema = z
  .array(z.object({ startMs: z.int().nonnegative(), endMs: z.int().positive() }))
  .min(1);

/** A stretch of an episode, half-open. */
export type Moment = z.output<typeof momentsSchema>[number];

/**
 * @param text moments such as `1000-4000,60000-90000`, or the name of a JSON file
 * @throws Error in a sentence
 */
export function readMoments(text: string): Moment[] {
  const moments = /^\d/.test(text) && !text.endsWith('.json') ? listed(text) : inFile(text);
  const wrong = moments.find(({ startMs, endMs }) => endMs <= startMs);
  if (!wrong) return moments;
  throw new Error(`A moment must end later than it begins: ${wrong.startMs}-${wrong.endMs}.`);
}

function listed(text: string): Moment[] {
  return text.split(',').map((part) => {
    const [, start, end] = /^\s*(\d{1,9})-(\d{1,9})\s*$/.exec(part) ?? [];
    if (start && end) return { startMs: Number(start), endMs: Number(end) };
    throw new Error(
      `--moments takes START-END in milliseconds such as 60000-90000, not "${part}".`,
    );
  });
}

function inFile(file: string): Moment[] {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Error(isAbsent ? `There is no file ${file}.` : `${file} is no JSON.`);
  }
  const parsed = momentsSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new Error(`${file} holds no moments: ${describe(parsed.error)}.`);
}
