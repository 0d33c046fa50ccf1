import * as z from 'zod';
import { RENDITION_NAMES, type RenditionName } from '../events/cut-options.ts';
import { executionIdSchema, type RungName } from '../events/fields.ts';
import type { ExecutionOrder } from '../executions.ts';
import { tenantIdSchema } from '../ids.ts';
import type { UntimedClipReceipt } from './make-receipt.ts';
import { receiptMetadata } from './receipt-metadata.ts';

/**
 * What a finished file says of itself in its metadata. Whoever hears of the file from S3 knows only its key:
 * all that is needed to make something of it must come with it, as the clip's record may lag behind.
 */
export interface FileOrigin {
  tenantId: string;
  execution: ExecutionOrder;
  /** The begin event that everything goes back to. */
  correlationId: string;
  /** In which sizes the clip is to be had, too. */
  renditions: readonly RenditionName[];
}

/** The rungs of the ladder of a finished file: itself, and what was asked for. */
export const rungsOf = ({ renditions }: FileOrigin): RungName[] => ['source', ...renditions];

/**
 * The metadata of `clip.mp4`, all of it US-ASCII, in 2 KB at most.
 * @param sha256 of the file, in hexadecimal digits: S3's own checksum of a file in parts is not that
 */
export function fileMetadata(
  { tenantId, execution, correlationId, renditions }: FileOrigin,
  receipt: UntimedClipReceipt,
  sha256: string,
): Record<string, string> {
  return {
    'tenant-id': tenantId,
    'execution-id': execution.executionId,
    'execution-started-at': execution.executionStartedAt,
    'correlation-id': correlationId,
    ...(renditions.length > 0 ? { renditions: renditions.join(',') } : {}),
    sha256,
    receipt: receiptMetadata(receipt),
  };
}

const schema = z.object({
  'tenant-id': tenantIdSchema,
  'execution-id': executionIdSchema,
  'execution-started-at': z.iso.datetime(),
  'correlation-id': z.string().min(1),
  renditions: z.string().default(''),
});

/** @returns nothing for a file that was put there by hand, or by a version that said less */
export function readFileMetadata(
  metadata: Readonly<Record<string, string>>,
): FileOrigin | undefined {
  const { success, data } = schema.safeParse(metadata);
  if (!success) return undefined;
  const asked = data.renditions.split(',');
  return {
    tenantId: data['tenant-id'],
    execution: {
      executionId: data['execution-id'],
      executionStartedAt: data['execution-started-at'],
    },
    correlationId: data['correlation-id'],
    renditions: RENDITION_NAMES.filter((name) => asked.includes(name)),
  };
}
