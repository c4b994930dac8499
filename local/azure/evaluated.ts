/** The template with all that it can make, evaluated: what is rehearsed. */
import { findBicep, type Resource, startBicep } from '../../infra/bicep.ts'
import { copyOfInfra, evaluate, type Parameters } from '../../infra/evaluate.ts'

/** The simulation and models are left away by default. */
export const everything: Parameters = {
  ordersPerHour: 120,
  textModel: 'gpt-5.4-mini',
  imageModel: 'gpt-image-2',
}

/**
 * Evaluates the template.
 * @throws {Error} where Bicep cannot be had.
 */
export async function evaluateAll(parameters: Parameters = everything): Promise<Resource[]> {
  const program = findBicep()
  if (!program)
    throw new Error(
      'Bicep is needed: on the PATH, or dotnet, which fetches it (https://aka.ms/bicep-install).',
    )
  const bicep = startBicep(program)
  const copy = copyOfInfra()
  try {
    return await evaluate(bicep, copy.folder, parameters, 'rehearsal')
  } finally {
    bicep.stop()
    copy.remove()
  }
}
