import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editTemplates, setTimeouts } from '../harness/edit-templates.ts';
import { type Splicebus, startSplicebus, TENANT_ID } from '../harness/splicebus.ts';

/** Enough for a rendition that works, on a busy machine; the AbortSignal fires 3 s before. */
const TIMEOUT_SECONDS = 10;

const folder = mkdtempSync(join(tmpdir(), 'splicebus-renditions-'));
const flags = { renditionsFail: join(folder, 'fail'), renditionsHang: join(folder, 'hang') };
const noPictures = join(folder, 'no-pictures');

/** An FFmpeg that makes no renditions, never ends with one, or takes no pictures, as long as a flag is there. */
function writeFfmpeg(): string {
  const path = join(folder, 'ffmpeg');
  const script = `#!/bin/sh
case "$*" in
*-maxrate*)
  [ -e '${flags.renditionsFail}' ] && { echo 'out of order' >&2; exit 1; }
  [ -e '${flags.renditionsHang}' ] && exec sleep 600 ;;
*mjpeg*)
  [ -e '${noPictures}' ] && exit 1 ;;
esac
exec ffmpeg "$@"
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}

let splicebus: Splicebus;
beforeAll(async () => {
  splicebus = await startSplicebus({
    edit: (packages, copies) =>
      editTemplates(packages, copies, setTimeouts({ renditionRequested: TIMEOUT_SECONDS })),
    hostEnvironment: { FFMPEG_PATH: writeFfmpeg() },
  });
  await splicebus.ingest('large');
});
afterAll(async () => {
  await splicebus?.stop();
  rmSync(folder, { recursive: true });
});

async function makeWhile(flag: string, clipId: string) {
  writeFileSync(flag, '');
  const executionId = await splicebus.begin({
    tenantId: TENANT_ID,
    episodeId: 'large',
    clips: [{ clipId, segments: [{ startTime: 1, endTime: 2 }], renditions: ['720p'] }],
  });
  const execution = await splicebus.finished(executionId);
  rmSync(flag);
  return { execution, record: (await splicebus.clip('large', clipId))! };
}

describe('a clip of which something cannot be made', () => {
  it('stays complete, and says what and why: a rendition', async () => {
    const { execution, record } = await makeWhile(flags.renditionsFail, 'no-rendition');
    expect(execution).toMatchObject({ status: 'completed', processedClips: 1, failedClips: 0 });
    const error = { code: 'RENDITION_FAILED', message: expect.stringContaining('out of order') };
    expect(record).toMatchObject({
      status: 'Generation Complete',
      renditions: [
        { name: 'source', status: 'made' },
        { name: '720p', status: 'failed', error },
      ],
      thumbnails: [{}, {}, {}],
    });
    expect(record).not.toHaveProperty('processingError');
    expect(record.statusHistory.find(({ event }) => event === 'RenditionFailed')).toMatchObject({
      status: 'Generation Complete',
      rendition: '720p',
      error,
    });
  });

  it('stays complete, and says what and why: the thumbnails', async () => {
    const { record } = await makeWhile(noPictures, 'no-thumbnails');
    expect(record).toMatchObject({
      status: 'Generation Complete',
      thumbnailsError: { code: 'THUMBNAILS_FAILED' },
      renditions: [
        { name: 'source', status: 'made' },
        { name: '720p', status: 'made', width: 1280, height: 720 },
      ],
    });
    expect(record).not.toHaveProperty('poster');
  });

  it('stays complete when a function gives up', async () => {
    const { execution, record } = await makeWhile(flags.renditionsHang, 'hanging-rendition');
    expect(execution).toMatchObject({ status: 'completed', failedClips: 0 });
    expect(record).toMatchObject({
      status: 'Generation Complete',
      renditions: [
        { name: 'source', status: 'made' },
        { name: '720p', status: 'failed', error: { code: 'FUNCTION_TIMED_OUT' } },
      ],
    });
    const types = splicebus.events
      .ofExecution(record.executionId)
      .map((event) => event['detail-type']);
    expect(types).not.toContain('ClipGenerationFailed');
  });
});
