{{/* Labels that select the pods of a part (a role, web, local-cloud). */}}
{{- define "store.selector" -}}
app.kubernetes.io/part-of: store
app.kubernetes.io/name: {{ . }}
{{- end }}

{{/* What every pod is: it cannot become root, and writes to its volumes only. */}}
{{- define "store.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1654
  runAsGroup: 1654
  fsGroup: 1654
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "store.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{/* A pod that is called goes on for a moment after it was told to end: until then it may still be sent calls. */}}
{{- define "store.lastCalls" -}}
lifecycle:
  preStop:
    sleep: { seconds: 5 }
{{- end }}

{{/* Spreads the pods of a part over zones and nodes. */}}
{{- define "store.spread" -}}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "store.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}

{{/* "REPOSITORY:TAG" of an image. */}}
{{- define "store.image" -}}
{{ .repository }}:{{ .tag }}
{{- end }}

{{/* Pods of a role where nothing scales it: what is said, zero too, and one where nothing is said but that it scales. */}}
{{- define "store.replicas" -}}
{{- if kindIs "invalid" .replicas }}{{ ternary 1 0 (not (empty .scale)) }}{{ else }}{{ int .replicas }}{{ end -}}
{{- end }}

{{/* Whether a role runs at all. */}}
{{- define "store.runs" -}}
{{- if or .scale (gt (int .replicas) 0) }}yes{{ end -}}
{{- end }}

{{/* Whether the chart makes a namespace for the gateway, which then is in nobody else's. */}}
{{- define "store.ownGatewayNamespace" -}}
{{- if and .Values.gateway.enabled .Values.gateway.createNamespace (ne .Values.gateway.namespace .Release.Namespace) }}yes{{ end -}}
{{- end }}

{{/* Refuses a scale that begins above its end, which a cluster would refuse when half of the chart is there. */}}
{{- define "store.fromTo" -}}
{{- if gt (int .scale.min) (int .scale.max) }}
{{- fail (printf "roles.%s.scale: min (%d) is more than max (%d)" .role (int .scale.min) (int .scale.max)) }}
{{- end }}
{{- end }}

{{/* "NAME.NAMESPACE:PORT" of a server of KEDA's HTTP add-on. */}}
{{- define "store.addOn" -}}
{{- $addOn := first . }}{{ $server := splitList ":" (get $addOn (last .)) }}
{{- printf "%s.%s:%s" (first $server) $addOn.namespace (last $server) }}
{{- end }}

{{/* Where the web apps find a role: at its service, or at the add-on that starts its pods. */}}
{{- define "store.api" -}}
{{- $values := first . }}{{ $role := last . }}
{{- if and $values.keda.enabled (dig "scale" "calls" false (get $values.roles $role)) -}}
http://{{ include "store.addOn" (list $values.keda.httpAddOn "interceptor") }}
{{- else -}}
http://{{ $role }}
{{- end }}
{{- end }}

{{/* The port of the collector that telemetry is exported to by OTLP; nothing where none is. */}}
{{- define "store.collectorPort" -}}
{{- with dig "OTEL_EXPORTER_OTLP_ENDPOINT" "" .Values.settings }}
{{- $address := urlParse . }}
{{- if contains ":" $address.host }}{{ splitList ":" $address.host | last }}{{ else }}{{ ternary "443" "80" (eq $address.scheme "https") }}{{ end }}
{{- end }}
{{- end }}

{{/* A rule of a network policy: to the servers that answer for names, the cluster's and the node's. */}}
{{- define "store.mayAskForNames" -}}
- to:
    - namespaceSelector:
        matchLabels: { kubernetes.io/metadata.name: kube-system }
      podSelector:
        matchLabels: { k8s-app: kube-dns }
    {{- range .Values.networkPolicy.nodeDns }}
    - ipBlock: { cidr: {{ . | quote }} }
    {{- end }}
  ports:
    - { protocol: UDP, port: 53 }
    - { protocol: TCP, port: 53 }
{{- end }}
