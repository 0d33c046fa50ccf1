import { BeginClipGeneration } from '#shared/events/begin-clip-generation';
import type { Stack } from '../stack/index.ts';
import type { EpisodeSource } from './episode-source.ts';
import { TENANT_ID } from './make-clips.ts';

/** What a newcomer can do while the stack serves: commands that work as they stand. */
export function nextSteps(
  stack: Stack,
  stateDir: string,
  { episodeId, clips }: EpisodeSource,
): string {
  const entry = {
    EventBusName: stack.busName,
    Source: BeginClipGeneration.source,
    DetailType: BeginClipGeneration.detailType,
    Detail: JSON.stringify({
      tenantId: TENANT_ID,
      episodeId,
      clips: [
        { clipId: 'my-clip', segments: [{ startTime: '00:00:02', endTime: '00:00:06.500' }] },
      ],
    }),
  };
  const aws = `aws --endpoint-url ${stack.endpointUrl} --region ${stack.region}`;
  const state = stateDir.endsWith('/.splicebus') ? '' : ` --state ${stateDir}`;
  return `What you can do now (any credentials will do, e.g. AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_PAGER=):

  Ask for one more clip
    ${aws} events put-events --entries '${JSON.stringify([entry])}'
  See what became of it
    ${aws} dynamodb get-item --table-name ${stack.tableName} --key '{"pk":{"S":"${TENANT_ID}#${episodeId}"},"sk":{"S":"clip#my-clip"}}'
  Look at the files
    ${aws} s3 ls --recursive s3://${stack.bucketName}/${episodeId}/clips/
  Follow a clip through the services
    npm run trace -- ${clips[0]!.clipId}${state}
  Ask the HTTP API how it is
    curl ${stack.apiUrl}/health
  Get a token for it
    npm run token -- --tenant ${TENANT_ID}${state}

Objects lie as plain files in ${stack.s3Dir}
Logs of the functions lie in ${stateDir}/lambda/logs
Serving until Ctrl-C.`;
}
