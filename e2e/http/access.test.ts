import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTE_CATALOGUE } from '#shared/api/catalogue';
import type { JobAnswer } from '#shared/api/fields';
import type { RouteDefinition } from '#shared/http/route';
import { ApiCaller } from '../harness/api.ts';
import { type Splicebus, startSplicebus } from '../harness/splicebus.ts';

let splicebus: Splicebus;
let job: JobAnswer;

beforeAll(async () => {
  splicebus = await startSplicebus();
  await splicebus.ingest('plain', 'pilot');
  const api = await ApiCaller.of(splicebus);
  [job] = (await api.generate({
    episodeId: 'pilot',
    clips: [{ clipId: 'ours', segments: [{ startTime: 1, endTime: 2 }] }],
  })) as [JobAnswer];
  await api.watch(job);
  await splicebus.stack.idle();
});
afterAll(() => splicebus?.stop());

/** Every route as it would be called for what belongs to the tenant `acme`. */
const owned = ROUTE_CATALOGUE.filter(({ access }) => access !== 'public');

const pathOf = ({ path, operationId }: RouteDefinition) =>
  path.replace('{job_id}', job.jobId).replace('{episode_id}', 'pilot') +
  (QUERIES[operationId] ?? '');

const QUERIES: Record<string, string> = {
  getAudioClip: '?start_time_ms=1000&duration_ms=1000',
};

const BODIES: Record<string, object> = {
  generateClips: { episodeId: 'pilot', clips: [{ segments: [{ startTime: 1, endTime: 2 }] }] },
};

async function call(
  caller: ApiCaller,
  route: RouteDefinition,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const body = BODIES[route.operationId];
  return route.method === 'GET'
    ? caller.get(pathOf(route))
    : caller.post(pathOf(route), body ? { body } : {});
}

describe.each(owned)('$method $path', (route) => {
  it('is closed without a token', async () => {
    expect((await call(ApiCaller.withoutToken(splicebus), route)).status).toBe(401);
  });

  it('has nothing of another tenant', async () => {
    const stranger = await ApiCaller.of(splicebus, { tenantId: 'globex', isAdmin: true });
    const before = splicebus.events.all.length;
    const { status, body } = await call(stranger, route);
    expect(status).toBe(404);
    expect(JSON.stringify(body)).not.toContain('acme');
    await splicebus.stack.idle();
    expect(splicebus.events.all).toHaveLength(before);
  });

  it.runIf(route.access === 'admin')('needs its scope', async () => {
    const { status, body } = await call(await ApiCaller.of(splicebus), route);
    expect([status, body.code]).toEqual([403, 'SCOPE_MISSING']);
  });
});
