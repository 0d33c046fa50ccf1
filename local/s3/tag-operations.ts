import { receiveText } from './body.ts';
import type { Operation } from './operation.ts';
import { missing } from './read-operations.ts';
import { parseTagXml, tagXml } from './tags.ts';

/** `GetObjectTagging`. */
export const getObjectTagging: Operation = async (request, s3) => {
  const object = await s3.objects.find(request.bucket, request.key);
  if (!object) throw missing(request);
  return { body: tagXml(object.tags ?? []) };
};

/** `PutObjectTagging`: the tags of the body instead of all the object has. */
export const putObjectTagging: Operation = async (request, s3) => {
  const tags = parseTagXml(await receiveText(request));
  if (!(await s3.objects.setTags(request.bucket, request.key, tags))) throw missing(request);
  return {};
};

/** `DeleteObjectTagging`: all of them. */
export const deleteObjectTagging: Operation = async (request, s3) => {
  if (!(await s3.objects.setTags(request.bucket, request.key, []))) throw missing(request);
  return { status: 204 };
};
