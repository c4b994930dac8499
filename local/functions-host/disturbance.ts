/** The variable in which the process that starts a host says, as JSON, what goes wrong from the start on. */
export const disturbanceVariable = 'LOCAL_CLOUD_DISTURBANCE'
