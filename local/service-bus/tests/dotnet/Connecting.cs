using Azure.Messaging.ServiceBus;

namespace Conformance;

public static class Connecting
{
    static async Task RoundTrip(ServiceBusClient client, string queue)
    {
        await client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage(new string('x', 150_000)));
        var receiver = client.CreateReceiver(queue);
        var message = await receiver.Next();
        Expect.Equal(150_000, message.Body.ToMemory().Length, "size");
        await receiver.CompleteMessageAsync(message);
    }

    [Scenario]
    public static Task OverTls(Bus bus) =>
        RoundTrip(bus.Connect(new ServiceBusClientOptions { CustomEndpointAddress = Bus.TlsEndpoint }, Bus.TlsConnectionString), bus.Queue());

    [Scenario]
    public static Task OverWebSockets(Bus bus) =>
        RoundTrip(bus.Connect(new ServiceBusClientOptions { TransportType = ServiceBusTransportType.AmqpWebSockets }), bus.Queue());

    [Scenario]
    public static Task OverWebSocketsAndTls(Bus bus) =>
        RoundTrip(bus.Connect(new ServiceBusClientOptions { TransportType = ServiceBusTransportType.AmqpWebSockets, CustomEndpointAddress = Bus.TlsEndpoint }, Bus.TlsConnectionString), bus.Queue());

    [Scenario]
    public static async Task AWrongKeyIsRefused(Bus bus)
    {
        var client = bus.Connect(new ServiceBusClientOptions(), Bus.ConnectionString.Replace("SAS_KEY_VALUE", "another"));
        await Expect.Throws<UnauthorizedAccessException>(() => client.CreateSender(bus.Queue()).SendMessageAsync(new ServiceBusMessage("a")), "send");
    }

    [Scenario]
    public static async Task ManySendersOnOneConnection(Bus bus)
    {
        var queue = bus.Queue();
        for (var i = 0; i < 200; i++)
        {
            await using var sender = bus.Client.CreateSender(queue);
            await sender.SendMessageAsync(new ServiceBusMessage(i.ToString()));
        }
        Expect.Equal(200, (await bus.Client.CreateReceiver(queue).PeekMessagesAsync(250)).Count, "messages");
    }

    [Scenario]
    public static async Task ManyManagementRequests(Bus bus)
    {
        var receiver = bus.Client.CreateReceiver(bus.Queue());
        for (var i = 0; i < 3000; i++) await receiver.PeekMessageAsync();
    }
}
