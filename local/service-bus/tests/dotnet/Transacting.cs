using System.Transactions;
using Azure.Messaging.ServiceBus;

namespace Conformance;

public static class Transacting
{
    static TransactionScope Begin() => new(TransactionScopeAsyncFlowOption.Enabled);

    [Scenario]
    public static async Task SendsAreSeenAfterTheCommit(Bus bus)
    {
        var queue = bus.Queue();
        var sender = bus.Client.CreateSender(queue);
        var receiver = bus.Client.CreateReceiver(queue);
        using (var scope = Begin())
        {
            await sender.SendMessageAsync(new ServiceBusMessage("a"));
            await sender.SendMessageAsync(new ServiceBusMessage("b"));
            using (new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled))
                Expect.True(await receiver.PeekMessageAsync() is null, "a message is seen before the commit");
            scope.Complete();
        }
        Expect.Equal("a", (await receiver.Next()).Body.ToString(), "first");
        Expect.Equal("b", (await receiver.Next()).Body.ToString(), "second");
    }

    [Scenario]
    public static async Task ARolledBackSendNeverHappened(Bus bus)
    {
        var queue = bus.Queue();
        using (Begin()) await bus.Client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("a"));
        await bus.Client.CreateReceiver(queue).ExpectNothing(1000);
    }

    [Scenario]
    public static async Task ACompletionAndASendGoTogether(Bus bus)
    {
        var queue = bus.Queue();
        var sender = bus.Client.CreateSender(queue);
        var receiver = bus.Client.CreateReceiver(queue);
        await sender.SendMessageAsync(new ServiceBusMessage("in"));
        var message = await receiver.Next();
        using (var scope = Begin())
        {
            await receiver.CompleteMessageAsync(message);
            await sender.SendMessageAsync(new ServiceBusMessage("out"));
            scope.Complete();
        }
        Expect.Equal("out", (await receiver.Next()).Body.ToString(), "body");
        Expect.Equal(1, (await receiver.PeekMessagesAsync(10, 0)).Count, "messages");
    }

    [Scenario]
    public static async Task ARolledBackCompletionCanBeDoneAgain(Bus bus)
    {
        var queue = bus.Queue();
        await bus.Client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("a"));
        var receiver = bus.Client.CreateReceiver(queue);
        var message = await receiver.Next();
        using (Begin()) await receiver.CompleteMessageAsync(message);
        await Task.Delay(500);
        await receiver.CompleteMessageAsync(message);
        Expect.True(await receiver.PeekMessageAsync() is null, "the queue is not empty");
    }

    [Scenario]
    public static async Task APartThatIsRefusedLeavesNothingDone(Bus bus)
    {
        var queue = bus.Queue();
        var sender = bus.Client.CreateSender(queue);
        await sender.SendMessageAsync(new ServiceBusMessage("in"));
        var receiver = bus.Client.CreateReceiver(queue);
        await receiver.DeadLetterMessageAsync(await receiver.Next());
        var deadLetters = bus.Client.CreateReceiver(queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        var dead = await deadLetters.Next();
        try
        {
            using var scope = Begin();
            await sender.SendMessageAsync(new ServiceBusMessage("out"));
            // A dead letter cannot be dead-lettered again.
            await deadLetters.DeadLetterMessageAsync(dead);
            scope.Complete();
        }
        catch (Exception error) when (error is ServiceBusException or InvalidOperationException or TransactionException)
        {
        }
        Expect.True(await receiver.PeekMessageAsync() is null, "a message was sent in the transaction");
        await deadLetters.CompleteMessageAsync(dead);
    }

    [Scenario]
    public static async Task DeadLetteringInATransaction(Bus bus)
    {
        var queue = bus.Queue();
        await bus.Client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("a"));
        var receiver = bus.Client.CreateReceiver(queue);
        var message = await receiver.Next();
        using (var scope = Begin())
        {
            await receiver.DeadLetterMessageAsync(message, "reason");
            scope.Complete();
        }
        var dead = await bus.Client.CreateReceiver(queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter }).Next();
        Expect.Equal("reason", dead.DeadLetterReason, "reason");
    }

    [Scenario]
    public static async Task SchedulingInATransaction(Bus bus)
    {
        var queue = bus.Queue();
        var sender = bus.Client.CreateSender(queue);
        long number;
        using (var scope = Begin())
        {
            number = await sender.ScheduleMessageAsync(new ServiceBusMessage("a"), DateTimeOffset.UtcNow.AddMinutes(5));
            scope.Complete();
        }
        var receiver = bus.Client.CreateReceiver(queue);
        await Expect.Eventually(async () => await receiver.PeekMessageAsync(0) is not null, "the schedule");
        await sender.CancelScheduledMessageAsync(number);
    }

    [Scenario]
    public static async Task OneTransactionCrossesEntities(Bus bus)
    {
        var (first, second) = (bus.Queue(), bus.Queue());
        await bus.Client.CreateSender(first).SendMessageAsync(new ServiceBusMessage("a"));
        var client = bus.Connect(new ServiceBusClientOptions { EnableCrossEntityTransactions = true });
        var receiver = client.CreateReceiver(first);
        var sender = client.CreateSender(second);
        var message = await receiver.Next();
        using (var scope = Begin())
        {
            await receiver.CompleteMessageAsync(message);
            await sender.SendMessageAsync(new ServiceBusMessage("b"));
            scope.Complete();
        }
        Expect.Equal("b", (await bus.Client.CreateReceiver(second).Next()).Body.ToString(), "body");
        Expect.True(await bus.Client.CreateReceiver(first).PeekMessageAsync() is null, "the first queue is not empty");
    }

    [Scenario]
    public static async Task SessionsTakePartInTransactions(Bus bus)
    {
        var queue = bus.Queue("sessions");
        var sender = bus.Client.CreateSender(queue);
        await sender.SendMessageAsync(new ServiceBusMessage("a") { SessionId = "s" });
        var session = await bus.Client.AcceptSessionAsync(queue, "s");
        var message = await session.Next();
        using (var scope = Begin())
        {
            await session.CompleteMessageAsync(message);
            await sender.SendMessageAsync(new ServiceBusMessage("b") { SessionId = "s" });
            scope.Complete();
        }
        Expect.Equal("b", (await session.Next()).Body.ToString(), "body");
    }
}
