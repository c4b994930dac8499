// Names of what each app has of its own; from a token that the environment decides, so that no run changes one.
@export()
func identityName(app string, token string) string => 'id-${app}-${token}'

@export()
func planName(app string, token string) string => 'plan-${app}-${token}'

@export()
func appName(app string, token string) string => 'func-${app}-${token}'

@description('At most 24 letters and digits.')
@export()
func hostAccountName(app string, token string) string => take('st${app}${token}', 24)
