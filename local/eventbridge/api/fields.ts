import * as z from 'zod';
import { DEFAULT_BUS, nameOf } from '../arn.ts';

/** The names of rules, archives, replays. */
export const resourceName = (maximum: number) =>
  z
    .string()
    .max(maximum)
    .regex(/^[.\-_A-Za-z0-9]+$/, 'may hold letters, digits, ".", "-" and "_" only');

/** The name of a bus, given by name or ARN; the default bus if not given. */
export const busName = z
  .string()
  .max(1600)
  .transform(nameOf)
  .pipe(resourceName(256))
  .default(DEFAULT_BUS);

export const arn = z.string().max(1600).startsWith('arn:aws:events:');
export const description = z.string().max(512).optional();
/** Four kilobytes is the most AWS takes. */
export const eventPattern = z.string().max(4096);
export const namePrefix = z.string().min(1).max(256).optional();

/** A time as the protocols send it, seconds since 1970 or RFC 3339; in seconds. */
export const timeSeconds = z
  .union([
    z.number(),
    z.iso.datetime({ offset: true }).transform((text) => Date.parse(text) / 1000),
  ])
  .refine((seconds) => Number.isFinite(new Date(seconds * 1000).getTime()), 'is no time');

/** Where a list goes on, and how long it may be. */
export const paging = {
  Limit: z.int().min(1).max(100).default(100),
  NextToken: z.string().max(2048).optional(),
};

/** One page of what a list operation found, in order of name. The token is the name the page before ended with. */
export function pageOf<T extends { readonly name: string }>(
  records: Iterable<T>,
  { Limit, NextToken }: { Limit: number; NextToken?: string | undefined },
): { records: T[]; NextToken?: string } {
  const after = NextToken === undefined ? '' : Buffer.from(NextToken, 'base64url').toString();
  const rest = [...records]
    .filter(({ name }) => name > after)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const page = rest.slice(0, Limit);
  const last = page.at(-1);
  return {
    records: page,
    ...(last && rest.length > Limit && { NextToken: Buffer.from(last.name).toString('base64url') }),
  };
}
