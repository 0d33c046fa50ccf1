import {
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listPage, sortKeys } from './list-page.ts';
import { BUCKET, startS3 } from './testing.ts';

async function put(client: S3Client, keys: string[]): Promise<void> {
  for (const Key of keys)
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key }));
}

async function list(client: S3Client, input: Partial<ListObjectsV2CommandInput>) {
  const result = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, ...input }));
  return {
    keys: result.Contents?.map(({ Key }) => Key) ?? [],
    prefixes: result.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? [],
    result,
  };
}

describe('ListObjectsV2', () => {
  it('lists in the order of UTF-8 bytes, with size and ETag', async () => {
    const { client } = await startS3();
    // U+FF5E sorts before U+1F600 in UTF-8, after it in UTF-16.
    const sorted = ['!', 'B', 'a', 'a!', 'a/b', 'a0', 'b', '～', '😀'];
    await put(client, [...sorted].reverse());
    const { keys, result } = await list(client, {});
    expect(keys).toEqual(sorted);
    expect(result.KeyCount).toBe(sorted.length);
    expect(result.Contents?.[0]).toMatchObject({
      Size: 1,
      ETag: expect.stringMatching(/^"\w{32}"$/),
    });
  });

  it('rolls up behind the delimiter', async () => {
    const { client } = await startS3();
    await put(client, [
      'ep1/a.ts',
      'ep1/clips/1.mp4',
      'ep1/clips/2.mp4',
      'ep1/z/1',
      'ep2/a.ts',
      'x',
    ]);
    expect(await list(client, { Delimiter: '/' })).toMatchObject({
      keys: ['x'],
      prefixes: ['ep1/', 'ep2/'],
    });
    expect(await list(client, { Delimiter: '/', Prefix: 'ep1/' })).toMatchObject({
      keys: ['ep1/a.ts'],
      prefixes: ['ep1/clips/', 'ep1/z/'],
    });
    expect(await list(client, { Prefix: 'ep1/cl' })).toMatchObject({
      keys: ['ep1/clips/1.mp4', 'ep1/clips/2.mp4'],
    });
    expect(await list(client, { Prefix: 'nothing/' })).toMatchObject({ keys: [], prefixes: [] });
    expect(await list(client, { StartAfter: 'ep1/z/1' })).toMatchObject({
      keys: ['ep2/a.ts', 'x'],
    });
  });

  it('goes on where the page before ended', async () => {
    const { client } = await startS3();
    const keys = Array.from({ length: 25 }, (_, index) => `k/${String(index).padStart(2, '0')}`);
    await put(client, [...keys, 'p/1', 'p/2', 'q']);
    const pages = paginateListObjectsV2({ client, pageSize: 7 }, { Bucket: BUCKET });
    const found: (string | undefined)[] = [];
    for await (const page of pages) found.push(...(page.Contents?.map(({ Key }) => Key) ?? []));
    expect(found).toEqual([...keys, 'p/1', 'p/2', 'q']);

    const first = await list(client, { Delimiter: '/', MaxKeys: 1 });
    expect(first).toMatchObject({ prefixes: ['k/'], result: { IsTruncated: true } });
    const rest = await list(client, {
      Delimiter: '/',
      ContinuationToken: first.result.NextContinuationToken,
    });
    expect(rest).toMatchObject({ keys: ['q'], prefixes: ['p/'], result: { IsTruncated: false } });
    expect((await list(client, { MaxKeys: 0 })).result).toMatchObject({
      KeyCount: 0,
      IsTruncated: false,
    });
  });

  it('URL-encodes keys when asked', async () => {
    const { client } = await startS3();
    await put(client, ['a b+c/ü\n.txt']);
    expect((await list(client, { EncodingType: 'url' })).keys).toEqual(['a%20b%2Bc/%C3%BC%0A.txt']);
    expect((await list(client, {})).keys).toEqual(['a b+c/ü\n.txt']);
  });
});

it('ListObjects pages by marker', async () => {
  const { client } = await startS3();
  await put(client, ['a/1', 'a/2', 'b', 'c']);
  const input = { Bucket: BUCKET, Delimiter: '/', MaxKeys: 1 };
  const first = await client.send(new ListObjectsCommand(input));
  expect(first).toMatchObject({ IsTruncated: true, NextMarker: 'a/' });
  const second = await client.send(new ListObjectsCommand({ ...input, Marker: first.NextMarker }));
  expect(second.Contents?.map(({ Key }) => Key)).toEqual(['b']);
});

it('pages of any size add up to the whole list', () => {
  const segment = fc.constantFrom('a', 'b', 'ab', '', '😀', '～');
  const keys = fc.array(fc.array(segment, { minLength: 1, maxLength: 3 }).map((s) => s.join('/')));
  fc.assert(
    fc.property(
      keys,
      segment,
      fc.constantFrom('', '/'),
      fc.integer({ min: 1, max: 4 }),
      (all, prefix, delimiter, maxKeys) => {
        const sorted = sortKeys(new Set(all.filter((key) => key !== '')));
        const query = { prefix, delimiter, after: '', afterPrefix: true, maxKeys: 1000 };
        const whole = listPage(sorted, query);
        const paged = { keys: [] as string[], commonPrefixes: [] as string[] };
        let after: string | undefined = '';
        while (after !== undefined) {
          const page = listPage(sorted, { ...query, after, maxKeys });
          paged.keys.push(...page.keys);
          paged.commonPrefixes.push(...page.commonPrefixes);
          after = page.next;
        }
        expect(paged).toEqual({ keys: whole.keys, commonPrefixes: whole.commonPrefixes });
      },
    ),
  );
});
