import { GetObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { s3 } from '../aws/s3.ts';
import { environment } from '../environment.ts';

export interface PresignOptions {
  expiresInSeconds: number;
  /** The name under which a browser saves it. Default: it is shown, if it can be. */
  fileName?: string;
}

/**
 * A URL by which anybody can read an object for some time. It honours Range, as S3 does. It lives no longer
 * than the credentials of the function that signed it.
 * @param fileName of characters that need no quoting, as ids are made of
 */
export function presign(
  key: string,
  { expiresInSeconds, fileName }: PresignOptions,
): Promise<string> {
  const command = new GetObjectCommand({
    Bucket: environment.bucketName(),
    Key: key,
    ...(fileName && { ResponseContentDisposition: `attachment; filename="${fileName}"` }),
  });
  return getSignedUrl(s3, command, { expiresIn: expiresInSeconds });
}
