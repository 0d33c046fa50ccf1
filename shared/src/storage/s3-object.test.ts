import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDeployment, type TestDeployment } from './deployment.fixture.ts';
import type * as objectsModule from './objects.ts';
import type * as s3ObjectModule from './s3-object.ts';

const { signal } = new AbortController();
const BYTES = Buffer.from(Array.from({ length: 200_000 }, (_, n) => (n * 7) % 251));

let deployment: TestDeployment;
let module: typeof s3ObjectModule;
let objects: typeof objectsModule;
beforeAll(async () => {
  deployment = await startDeployment();
  module = await import('./s3-object.ts');
  objects = await import('./objects.ts');
});
afterAll(() => deployment?.stop());

it('reads pieces, and its beginning only once', async () => {
  await deployment.putObject('a', BYTES);
  const object = (await module.S3Object.open('a', signal))!;
  expect(object.size).toBe(BYTES.length);
  const head = object.bytesRead;
  expect(head).toBeLessThan(BYTES.length / 2);
  expect(await object.read(10, 1_000)).toEqual(BYTES.subarray(10, 1_000));
  expect(object.bytesRead).toBe(head);
  expect(await object.read(head - 5, 150_000)).toEqual(BYTES.subarray(head - 5, 150_000));
  expect(await object.read(199_999, 200_000)).toEqual(BYTES.subarray(199_999));
  expect(object.bytesRead).toBe(head + 150_000 - (head - 5) + 1);
});

it('reads one content only', async () => {
  await deployment.putObject('b', BYTES);
  const object = (await module.S3Object.open('b', signal))!;
  await deployment.putObject('b', BYTES.subarray(1));
  await expect(object.read(100_000, 150_000)).rejects.toMatchObject({
    name: 'TransientError',
    code: 'CONFLICT',
  });
});

it('is not there where there is none, and nothing where there is nothing in it', async () => {
  await expect(module.S3Object.open('c', signal)).rejects.toSatisfy(objects.isMissing);
  await deployment.putObject('c', '');
  expect(await module.S3Object.open('c', signal)).toBeUndefined();
});
