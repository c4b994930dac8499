using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

namespace Conformance;

/// <summary>
/// What one scenario gets: clients that end with it, and entities of its own. The broker's configuration
/// (`entities.ts`) declares many entities of each kind; a scenario takes the next one that nobody has used.
/// </summary>
public sealed class Bus : IAsyncDisposable
{
    static readonly ConcurrentDictionary<string, int> taken = new();

    readonly List<ServiceBusClient> clients = [];
    ServiceBusClient? client;

    /// <summary>Plain AMQP, as for Microsoft's emulator.</summary>
    public static string ConnectionString => Required("BUS");

    /// <summary>AMQP over TLS; its certificate is trusted by way of SSL_CERT_FILE.</summary>
    public static string TlsConnectionString => Required("BUS_TLS");

    /// <summary>The SDK looks for the port of TLS here, not in the connection string.</summary>
    public static Uri TlsEndpoint => ServiceBusConnectionStringProperties.Parse(TlsConnectionString).Endpoint;

    /// <summary>The administration API over HTTPS.</summary>
    public static string AdministrationConnectionString => Required("BUS_ADMINISTRATION");

    /// <summary>A broker whose queues `restarted` and `away` are for scenarios that interrupt it.</summary>
    public static string InterruptibleConnectionString => Required("BUS_INTERRUPTIBLE");

    /// <summary>Cuts all connections of the interruptible broker; a new one has its port and its data after so many milliseconds.</summary>
    public static async Task Interrupt(int away = 0)
    {
        using var http = new HttpClient();
        (await http.PostAsync($"{Required("BUS_INTERRUPT")}?away={away}", null)).EnsureSuccessStatusCode();
    }

    public ServiceBusClient Client => client ??= Connect();

    public ServiceBusClient Connect(ServiceBusClientOptions? options = null, string? connectionString = null)
    {
        options ??= new ServiceBusClientOptions();
        options.RetryOptions = new ServiceBusRetryOptions
        {
            Delay = TimeSpan.FromMilliseconds(100),
            MaxRetries = 2,
            TryTimeout = TimeSpan.FromSeconds(20),
        };
        var made = new ServiceBusClient(connectionString ?? ConnectionString, options);
        clients.Add(made);
        return made;
    }

    /// <summary>An unused queue of a kind that `entities.ts` declares.</summary>
    public string Queue(string kind = "plain") => $"{kind}-{Next(kind)}";

    /// <summary>An unused topic with subscriptions `a` and `b` that take everything.</summary>
    public string Topic() => $"topic-{Next("topic")}";

    static int Next(string kind) => taken.AddOrUpdate(kind, 1, (_, last) => last + 1);

    public async ValueTask DisposeAsync()
    {
        foreach (var each in clients) await each.DisposeAsync();
    }

    static string Required(string name) =>
        Environment.GetEnvironmentVariable(name) ?? throw new Unmet($"The environment has no {name}.");
}

public static class ReceiverExtensions
{
    /// <summary>The next message; it is an error when none comes.</summary>
    public static async Task<ServiceBusReceivedMessage> Next(this ServiceBusReceiver receiver) =>
        await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(15)) ?? throw new Unmet("no message came");

    public static async Task ExpectNothing(this ServiceBusReceiver receiver, int milliseconds = 200) =>
        Expect.True(
            await receiver.ReceiveMessageAsync(TimeSpan.FromMilliseconds(milliseconds)) is null,
            "a message came that should not");
}
