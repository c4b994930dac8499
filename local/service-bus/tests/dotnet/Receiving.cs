using System.Transactions;
using Azure.Messaging.ServiceBus;

namespace Conformance;

public static class Receiving
{
    static async Task<ServiceBusReceiver> With(Bus bus, string queue, params string[] bodies)
    {
        foreach (var body in bodies) await bus.Client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage(body));
        return bus.Client.CreateReceiver(queue);
    }

    [Scenario]
    public static async Task CompletedMessagesAreGone(Bus bus)
    {
        var receiver = await With(bus, bus.Queue(), "a");
        await receiver.CompleteMessageAsync(await receiver.Next());
        await receiver.ExpectNothing();
        Expect.True(await receiver.PeekMessageAsync() is null, "the queue is not empty");
    }

    [Scenario]
    public static async Task AbandonedMessagesComeAgainWithTypedChanges(Bus bus)
    {
        var receiver = await With(bus, bus.Queue(), "a");
        var id = Guid.NewGuid();
        await receiver.AbandonMessageAsync(await receiver.Next(), new Dictionary<string, object>
        {
            ["int"] = 1, ["long"] = 2L, ["double"] = 2.0, ["float"] = 1.5f, ["short"] = (short)3, ["guid"] = id, ["decimal"] = 1.25m,
            ["time"] = DateTimeOffset.UnixEpoch, ["span"] = TimeSpan.FromSeconds(3), ["uri"] = new Uri("https://example.com/"),
            ["date"] = DateTime.UnixEpoch, ["text"] = "x", ["bool"] = true,
        });
        var again = await receiver.Next();
        Expect.Equal(2, again.DeliveryCount, "delivery count");
        foreach (var (name, value) in new Dictionary<string, object>
        {
            ["int"] = 1, ["long"] = 2L, ["double"] = 2.0, ["float"] = 1.5f, ["short"] = (short)3, ["guid"] = id, ["decimal"] = 1.25m,
            ["time"] = DateTimeOffset.UnixEpoch, ["span"] = TimeSpan.FromSeconds(3), ["uri"] = new Uri("https://example.com/"),
            ["date"] = DateTime.UnixEpoch, ["text"] = "x", ["bool"] = true,
        }) Expect.Equal(value, again.ApplicationProperties[name], name);
    }

    [Scenario]
    public static async Task DeferredMessagesAreReceivedByNumberAndCompleted(Bus bus)
    {
        var receiver = await With(bus, bus.Queue(), "a");
        var message = await receiver.Next();
        await receiver.DeferMessageAsync(message, new Dictionary<string, object> { ["why"] = 7L });
        await receiver.ExpectNothing();
        var deferred = await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber);
        Expect.Equal("a", deferred.Body.ToString(), "body");
        Expect.Equal(7L, (long)deferred.ApplicationProperties["why"], "changed property");
        await receiver.CompleteMessageAsync(deferred);
        Expect.True(await receiver.PeekMessageAsync() is null, "the queue is not empty");
    }

    [Scenario]
    public static async Task SeveralDeferredMessagesAreReceivedAllOrNone(Bus bus)
    {
        var receiver = await With(bus, bus.Queue(), "a", "b", "c");
        var numbers = new List<long>();
        while (numbers.Count < 3)
        {
            var message = await receiver.Next();
            numbers.Add(message.SequenceNumber);
            await receiver.DeferMessageAsync(message);
        }
        await Expect.Throws<ServiceBusException>(() => receiver.ReceiveDeferredMessagesAsync([numbers[0], 4711]), "one that is not there");
        var deferred = await receiver.ReceiveDeferredMessagesAsync(numbers);
        Expect.Sequence(["a", "b", "c"], deferred.Select(message => message.Body.ToString()), "bodies");
        foreach (var message in deferred) await receiver.CompleteMessageAsync(message);
        Expect.True(await receiver.PeekMessageAsync() is null, "the queue is not empty");
    }

    [Scenario]
    public static async Task DeferredMessagesCanBeAbandonedWithTypedChanges(Bus bus)
    {
        var receiver = await With(bus, bus.Queue(), "a");
        var message = await receiver.Next();
        await receiver.DeferMessageAsync(message);
        await receiver.AbandonMessageAsync(
            await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber),
            new Dictionary<string, object> { ["span"] = TimeSpan.FromMinutes(2) });
        var again = await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber);
        Expect.Equal(TimeSpan.FromMinutes(2), (TimeSpan)again.ApplicationProperties["span"], "span");
    }

    [Scenario]
    public static async Task AnUnknownDeferredMessageIsNotFound(Bus bus)
    {
        var receiver = await With(bus, bus.Queue());
        var error = await Expect.Throws<ServiceBusException>(() => receiver.ReceiveDeferredMessageAsync(4711), "receive");
        Expect.Equal(ServiceBusFailureReason.MessageNotFound, error.Reason, "reason");
    }

    [Scenario]
    public static async Task DeadLettersSayWhyAndHowOftenTheyWereDelivered(Bus bus)
    {
        var queue = bus.Queue();
        var receiver = await With(bus, queue, "a");
        await receiver.DeadLetterMessageAsync(await receiver.Next(), new Dictionary<string, object> { ["n"] = 5L }, "reason", "description");
        var dead = await bus.Client.CreateReceiver(queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter }).Next();
        Expect.Equal("reason", dead.DeadLetterReason, "reason");
        Expect.Equal("description", dead.DeadLetterErrorDescription, "description");
        Expect.Equal(queue, dead.DeadLetterSource, "source");
        Expect.Equal(5L, (long)dead.ApplicationProperties["n"], "property");
        Expect.Equal(1, dead.DeliveryCount, "delivery count");
    }

    [Scenario]
    public static async Task DeadLetteringNeedsNoReason(Bus bus)
    {
        var queue = bus.Queue();
        var receiver = await With(bus, queue, "a");
        await receiver.DeadLetterMessageAsync(await receiver.Next());
        var dead = await bus.Client.CreateReceiver(queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter }).Next();
        Expect.True(dead.DeadLetterReason is null, "there is a reason");
    }

    [Scenario]
    public static async Task TheLastDeliveryLeadsToTheDeadLetterQueue(Bus bus)
    {
        var queue = bus.Queue("twice");
        var receiver = await With(bus, queue, "a");
        for (var i = 0; i < 2; i++) await receiver.AbandonMessageAsync(await receiver.Next());
        var dead = await bus.Client.CreateReceiver(queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter }).Next();
        Expect.Equal("MaxDeliveryCountExceeded", dead.DeadLetterReason, "reason");
    }

    [Scenario]
    public static async Task ExpiredMessagesAreDeadLettered(Bus bus)
    {
        var queue = bus.Queue("expiring");
        await With(bus, queue, "a");
        var dead = await bus.Client.CreateReceiver(queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter }).Next();
        Expect.Equal("TTLExpiredException", dead.DeadLetterReason, "reason");
    }

    [Scenario]
    public static async Task ACancelledReceiveCostsNoDelivery(Bus bus)
    {
        var queue = bus.Queue();
        var receiver = await With(bus, queue);
        using var cancelled = new CancellationTokenSource(300);
        await Expect.Throws<TaskCanceledException>(() => receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(30), cancelled.Token), "receive");
        await bus.Client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("late"));
        await Task.Delay(300);
        Expect.Equal(1, (await receiver.Next()).DeliveryCount, "delivery count");
    }

    [Scenario]
    public static async Task ALockIsRenewed(Bus bus)
    {
        var receiver = await With(bus, bus.Queue("short"), "a");
        var message = await receiver.Next();
        var until = message.LockedUntil;
        await Task.Delay(1000);
        await receiver.RenewMessageLockAsync(message);
        Expect.True(message.LockedUntil > until, "the lock is not longer");
        await Task.Delay(4500);
        await receiver.CompleteMessageAsync(message);
    }

    [Scenario]
    public static async Task ALostLockIsTold(Bus bus)
    {
        var receiver = await With(bus, bus.Queue("short"), "a");
        var message = await receiver.Next();
        await Task.Delay(5500);
        var error = await Expect.Throws<ServiceBusException>(() => receiver.CompleteMessageAsync(message), "complete");
        Expect.Equal(ServiceBusFailureReason.MessageLockLost, error.Reason, "reason");
        error = await Expect.Throws<ServiceBusException>(() => receiver.RenewMessageLockAsync(message), "renew");
        Expect.Equal(ServiceBusFailureReason.MessageLockLost, error.Reason, "reason of renewal");
        Expect.Equal(2, (await receiver.Next()).DeliveryCount, "delivery count");
    }

    [Scenario]
    public static async Task ReceiveAndDeleteTakesAtOnce(Bus bus)
    {
        var queue = bus.Queue();
        await With(bus, queue, "a", "b");
        var receiver = bus.Client.CreateReceiver(queue, new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });
        Expect.Equal("a", (await receiver.Next()).Body.ToString(), "first");
        Expect.Equal("b", (await receiver.Next()).Body.ToString(), "second");
        Expect.True(await receiver.PeekMessageAsync() is null, "the queue is not empty");
    }

    [Scenario]
    public static async Task PrefetchedMessagesAreDeliveredInOrder(Bus bus)
    {
        var queue = bus.Queue();
        await using var sender = bus.Client.CreateSender(queue);
        await sender.SendMessagesAsync(Enumerable.Range(0, 200).Select(i => new ServiceBusMessage(i.ToString())));
        var receiver = bus.Client.CreateReceiver(queue, new ServiceBusReceiverOptions { PrefetchCount = 50 });
        for (var i = 0; i < 200; i++)
        {
            var message = await receiver.Next();
            Expect.Equal(i.ToString(), message.Body.ToString(), "body");
            await receiver.CompleteMessageAsync(message);
        }
    }

    [Scenario]
    public static async Task PeekingLooksWithoutTouching(Bus bus)
    {
        var receiver = await With(bus, bus.Queue(), "a", "b", "c");
        var peeked = await receiver.PeekMessagesAsync(10);
        Expect.Sequence(["a", "b", "c"], peeked.Select(m => m.Body.ToString()), "bodies");
        Expect.Equal("c", (await receiver.PeekMessageAsync(3)).Body.ToString(), "from a number");
        Expect.Equal(1, (await receiver.Next()).DeliveryCount, "delivery count");
    }

    /// <summary>Deleting and purging are not public in every release of the SDK.</summary>
    static Task<int> Internal(ServiceBusReceiver receiver, string method, params object?[] arguments) =>
        (Task<int>)typeof(ServiceBusReceiver)
            .GetMethod(method, System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Public)!
            .Invoke(receiver, arguments)!;

    [Scenario]
    public static async Task DeletingAndPurgingEmptyTheQueue(Bus bus)
    {
        var queue = bus.Queue();
        await bus.Client.CreateSender(queue).SendMessagesAsync(Enumerable.Range(0, 20).Select(i => new ServiceBusMessage(i.ToString())));
        var receiver = bus.Client.CreateReceiver(queue);
        Expect.Equal(5, await Internal(receiver, "DeleteMessagesAsync", 5, null, CancellationToken.None), "deleted");
        Expect.Equal("5", (await receiver.PeekMessageAsync()).Body.ToString(), "next");
        Expect.Equal(15, await Internal(receiver, "PurgeMessagesAsync", null, CancellationToken.None), "purged");
        Expect.True(await receiver.PeekMessageAsync() is null, "the queue is not empty");
        Expect.Equal(0, await Internal(receiver, "DeleteMessagesAsync", 5, null, CancellationToken.None), "deleted from an empty queue");
    }

    [Scenario]
    public static async Task ReceivesForMoreThanAMinute(Bus bus)
    {
        var queue = bus.Queue();
        var receiver = bus.Connect(new ServiceBusClientOptions()).CreateReceiver(queue);
        var waiting = receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(80));
        await Task.Delay(62_000);
        await bus.Client.CreateSender(queue).SendMessageAsync(new ServiceBusMessage("late"));
        Expect.Equal("late", (await waiting).Body.ToString(), "body");
    }

    [Scenario]
    public static async Task TheTransferDeadLetterQueueCanBeRead(Bus bus)
    {
        var receiver = bus.Client.CreateReceiver(bus.Queue(), new ServiceBusReceiverOptions { SubQueue = SubQueue.TransferDeadLetter });
        Expect.True(await receiver.PeekMessageAsync() is null, "there is a message");
        await receiver.ExpectNothing();
    }

    [Scenario]
    public static async Task AReceiverWithoutEntityIsTold(Bus bus)
    {
        var error = await Expect.Throws<ServiceBusException>(() => bus.Client.CreateReceiver("nowhere").ReceiveMessageAsync(), "receive");
        Expect.Equal(ServiceBusFailureReason.MessagingEntityNotFound, error.Reason, "reason");
    }

    [Scenario]
    public static async Task ManyMessagesAreReceivedInOneCall(Bus bus)
    {
        var queue = bus.Queue();
        await bus.Client.CreateSender(queue).SendMessagesAsync(Enumerable.Range(0, 100).Select(i => new ServiceBusMessage(i.ToString())));
        var receiver = bus.Client.CreateReceiver(queue);
        var count = 0;
        while (count < 100)
        {
            var messages = await receiver.ReceiveMessagesAsync(100, TimeSpan.FromSeconds(10));
            Expect.True(messages.Count > 0, "no message came");
            await Task.WhenAll(messages.Select(m => receiver.CompleteMessageAsync(m)));
            count += messages.Count;
        }
    }

    [Scenario]
    public static async Task ClosingAReceiverKeepsItsLocks(Bus bus)
    {
        var queue = bus.Queue("short");
        var receiver = await With(bus, queue, "a");
        await receiver.Next();
        await receiver.CloseAsync();
        var other = bus.Client.CreateReceiver(queue);
        await other.ExpectNothing(500);
        Expect.Equal("a", (await other.Next()).Body.ToString(), "body");
    }
}
