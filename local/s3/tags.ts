import { s3Error } from './errors.ts';
import { objectArn } from './operation.ts';
import type { S3Request } from './request.ts';
import { children, childText, type ParsedXml, parseXml, xmlDocument } from './xml.ts';

/** A tag of an object. Its key occurs once per object; its value may be empty. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

const MAX_TAGS = 10;
/** In UTF-16 units, as S3 counts ("Categorizing your objects using tags" in the user guide). */
const MAX_KEY_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;
/** What keys and values consist of: the pattern of `S3Tag` in the API reference. */
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const ALLOWED = 'letters, digits, spaces and _ . : / = + - @';

/**
 * The tags that a write brings along in `x-amz-tagging`, in the form of a URL's query.
 * @throws AwsError `InvalidTag`; `AccessDenied` when the caller may write the object but not tag it
 */
export function tagsToKeep(request: S3Request): Tag[] {
  const tags = parseTagQuery(request.header('x-amz-tagging') ?? '');
  if (tags.length > 0) authorizeTagging(request);
  return tags;
}

/** Setting tags while writing is an action of its own in IAM, beside `s3:PutObject`. */
export function authorizeTagging({ call, bucket, key }: S3Request): void {
  call.authorize('s3:PutObjectTagging', objectArn(bucket, key));
}

/** Reads the body of `PutObjectTagging`. @throws AwsError `MalformedXML`, `InvalidTag` */
export function parseTagXml(text: string): Tag[] {
  const [set] = children(parseXml(text, 'Tagging'), 'TagSet');
  if (set === undefined) throw s3Error('MalformedXML');
  return validTags(
    children(set, 'Tag').map((tag) => ({
      key: requiredText(tag, 'Key'),
      value: requiredText(tag, 'Value'),
    })),
  );
}

/** The body of the answer to `GetObjectTagging`. */
export function tagXml(tags: readonly Tag[]): string {
  const elements = tags.map(({ key, value }) => ({ Key: key, Value: value }));
  return xmlDocument('Tagging', { TagSet: { Tag: elements } });
}

function parseTagQuery(query: string): Tag[] {
  const pairs = query.split('&').filter((pair) => pair !== '');
  return validTags(
    pairs.map((pair) => {
      const [key = '', ...value] = pair.split('=');
      return { key: decodeQuery(key), value: decodeQuery(value.join('=')) };
    }),
  );
}

function decodeQuery(text: string): string {
  // A header line holds bytes, of which only ASCII says the same in every encoding.
  const isAscii = /^[\x20-\x7e]*$/.test(text);
  try {
    if (isAscii) return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    // Not percent-encoded: told below, as for what is not ASCII.
  }
  throw s3Error('InvalidTag', 'x-amz-tagging must be encoded like the query of a URL.');
}

function validTags(tags: Tag[]): Tag[] {
  if (tags.length > MAX_TAGS) {
    throw s3Error('InvalidTag', `An object has at most ${MAX_TAGS} tags.`);
  }
  const keys = new Set<string>();
  for (const { key, value } of tags) {
    if (key.length === 0 || key.length > MAX_KEY_LENGTH || !TAG_TEXT.test(key)) {
      throw s3Error('InvalidTag', `A tag's key is 1 to ${MAX_KEY_LENGTH} of ${ALLOWED}.`);
    }
    if (value.length > MAX_VALUE_LENGTH || !TAG_TEXT.test(value)) {
      throw s3Error('InvalidTag', `A tag's value is up to ${MAX_VALUE_LENGTH} of ${ALLOWED}.`);
    }
    if (key.toLowerCase().startsWith('aws:')) {
      throw s3Error('InvalidTag', 'Keys of tags that begin with aws: are reserved.');
    }
    if (keys.has(key)) throw s3Error('InvalidTag', `The tag ${key} is given more than once.`);
    keys.add(key);
  }
  return tags;
}

function requiredText(tag: ParsedXml, name: string): string {
  const text = childText(tag, name);
  if (text === undefined) throw s3Error('MalformedXML');
  return text;
}
