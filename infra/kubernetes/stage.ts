/** `npm run kubernetes:stage`: builds and stages what the Dockerfiles copy, below `dist/`. */
import { buildIfStale } from '../../local/cloud/builds.ts'
import { stageFunctions } from '../package.ts'
import { stageLocalCloud } from './images/local-cloud/stage.ts'
import { stageWeb } from './images/web/stage.ts'

await stageFunctions()
for (const app of ['web-store', 'web-admin'] as const) await buildIfStale(app)
await stageWeb()
await stageLocalCloud()
console.log('✓ Staged for the images, below dist/')
