import * as z from 'zod';
import { ERROR_CODES } from '../errors.ts';
import { HTTP_ERROR_CODES } from './problem.ts';

/** What every error looks like: RFC 9457, application/problem+json. */
export const problemSchema = z.object({
  /** Names the kind of problem; nothing lies under it. */
  type: z.string(),
  title: z.string(),
  status: z.int(),
  /** What to do. */
  detail: z.string(),
  /** The path that was asked for. */
  instance: z.string(),
  /** Stable: match on this. */
  code: z.enum([...ERROR_CODES, ...HTTP_ERROR_CODES]),
  /** The field that does not fit. */
  field: z.string().optional(),
  /** Of a moment past the end of its episode: where that is. */
  episodeDurationMs: z.int().optional(),
  /** Of a quality that is not there: those that are. */
  available: z.array(z.string()).optional(),
  /** Find it in the logs by this. */
  correlationId: z.string(),
});

/** What API Gateway itself answers, before a request reaches us. */
export const gatewayErrorSchema = z.object({ message: z.string() });
