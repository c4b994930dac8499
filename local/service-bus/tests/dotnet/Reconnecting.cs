using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

namespace Conformance;

/// <summary>A processor and a sender that nobody tells of interruptions: both go on, and nothing that was acknowledged is lost.</summary>
public static class Reconnecting
{
    static async Task SendAndProcess(Bus bus, string queue, Func<int, Task> afterSending, int count)
    {
        var client = bus.Connect(connectionString: Bus.InterruptibleConnectionString);
        var seen = new ConcurrentDictionary<string, int>();
        var processor = client.CreateProcessor(queue, new ServiceBusProcessorOptions { MaxConcurrentCalls = 4 });
        processor.ProcessMessageAsync += args =>
        {
            seen[args.Message.MessageId] = 1;
            return Task.CompletedTask;
        };
        processor.ProcessErrorAsync += _ => Task.CompletedTask;
        await processor.StartProcessingAsync();
        var sender = client.CreateSender(queue);
        var acknowledged = new List<string>();
        for (var i = 0; i < count; i++)
        {
            await SendUntilTaken(sender, $"{i}");
            acknowledged.Add($"{i}");
            await afterSending(i);
        }
        await Expect.Eventually(() => Task.FromResult(acknowledged.All(seen.ContainsKey)), "every message that was acknowledged");
        await processor.CloseAsync();
        await client.CreateReceiver(queue).ExpectNothing();
    }

    static async Task SendUntilTaken(ServiceBusSender sender, string id)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await sender.SendMessageAsync(new ServiceBusMessage("a") { MessageId = id });
                return;
            }
            catch (ServiceBusException error) when (error.IsTransient && attempt < 50)
            {
                await Task.Delay(50);
            }
        }
    }

    [Scenario]
    public static Task AProcessorAndASenderGoOnWhenTheBrokerIsRestarted(Bus bus)
    {
        var interruptions = new List<Task>();
        // Not waited for: the sends go on while the connections are cut.
        return SendAndProcess(bus, "restarted", i =>
        {
            if (i % 40 == 20) interruptions.Add(Bus.Interrupt());
            return i == 199 ? Task.WhenAll(interruptions) : Task.CompletedTask;
        }, 200);
    }

    [Scenario]
    public static Task AProcessorAndASenderGoOnWhenTheBrokerWasAwayForAWhile(Bus bus) =>
        SendAndProcess(bus, "away", i => i == 10 ? Bus.Interrupt(away: 3000) : Task.CompletedTask, 30);
}
